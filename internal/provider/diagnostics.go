// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// listAction is the IAM action to list tasks, listDependency the action that it requires.
const (
	listAction     = "dms:instance:listConnectorSinkTask"
	listDependency = "dms:instance:listConnectorTasks"
)

const (
	panicSummary = "Provider Panic"
	readSummary  = "Unable to Read Smart Connect Tasks"
)

const issuesURL = "https://github.com/smartconnect/terraform-provider-smartconnect/issues"

// reportBug is the advice on a bug of the provider.
const reportBug = "This is a bug in the provider. Please report it at " + issuesURL + "."

// contactSupport ends the advice on errors that users cannot fix.
const contactSupport = "contact Huawei Cloud support with the request below"

// unknownArguments reports that a read cannot wait until the provider's arguments are known.
func unknownArguments(names []string) diag.Diagnostic {
	list := strings.Join(names, ", ")
	return diag.NewErrorDiagnostic("Unknown Provider Argument",
		fmt.Sprintf("The tasks are read during plan, but these provider arguments are known only after apply: %s. "+
			"First apply what they depend on, with terraform apply -target=..., or defer this data source with depends_on.", list))
}

// readError explains err, the failure to read the tasks of instance.
func readError(err error, instance smartconnect.Instance, timeout time.Duration) diag.Diagnostic {
	var (
		request  *huaweicloud.RequestError
		cloudErr *huaweicloud.Error
		auth     *huaweicloud.AuthError
		sso      *huaweicloud.SSOError
	)
	isDMS := !errors.As(err, &request) || request.Service == huaweicloud.DMS
	switch isCloudErr := errors.As(err, &cloudErr); {
	case errors.Is(err, context.DeadlineExceeded):
		return errorDiag(err, "Timeout Reading Smart Connect Tasks",
			"The read did not finish within %s. If the service is slow or throttles requests, increase the timeout: timeouts { read = \"10m\" }.", timeout)
	case errors.Is(err, context.Canceled):
		return errorDiag(err, "Read Canceled", "The read was interrupted.")
	case errors.As(err, &sso):
		return errorDiag(err, "SSO Session Rejected",
			"The keys of profile %q have expired or were revoked. Renew them with: hcloud configure sso --cli-profile=%s", sso.Profile, sso.Profile)
	case isCloudErr && cloudErr.IsForeign():
		return errorDiag(err, foreignSummary, foreignDetail)
	case isCloudErr && errors.As(err, &auth):
		return authError(err, cloudErr, auth)
	case isCloudErr && isDMS:
		return apiError(err, cloudErr, instance)
	case isCloudErr:
		return projectAPIError(err, cloudErr, instance)
	default:
		return clientError(err, instance)
	}
}

const (
	foreignSummary = "Response Not from Huawei Cloud"
	foreignDetail  = "The response is not in the format of the service: it comes from a proxy, web filter, login page or other web server. " +
		"Check endpoints, cloud, auth_url and the proxy settings (HTTPS_PROXY, NO_PROXY)."
)

// projectIDFormat matches every project ID.
var projectIDFormat = regexp.MustCompile("^[0-9a-f]{32}$")

// apiError explains an error response of the list of tasks.
func apiError(err error, cloudErr *huaweicloud.Error, instance smartconnect.Instance) diag.Diagnostic {
	where := fmt.Sprintf("project %s of region %s", instance.ProjectID, instance.Region)
	rejected := cloudErr.Status/100 == 4 && cloudErr.Status != http.StatusTooManyRequests
	switch code := cloudErr.Code; {
	case rejected && !projectIDFormat.MatchString(instance.ProjectID):
		return attributeErrorDiag("project_id", err, "Invalid Project ID",
			"The service rejected the request, and project_id (%q) does not look like a project ID, which has 32 hexadecimal digits. "+
				"Set it to the ID shown in the console under My Credentials, or set project_name in the provider block instead.", instance.ProjectID)
	case code == "DMS.10240104":
		return attributeErrorDiag("project_id", err, "Credentials for Another Project",
			"The credentials are not valid in %s. Check project_id and region.", where)
	case cloudErr.Status == http.StatusUnauthorized:
		return unauthorizedError(err, cloudErr, fmt.Sprintf(" and project_id (%s)", instance.ProjectID))
	case code == "DMS.10240306":
		return errorDiag(err, "Account Frozen", "The account of %s is frozen, for example because of overdue payments. Check its status in Billing Center.", where)
	case code == "DMS.10240309", code == "DMS.10240310", code == "DMS.10240311", code == "DMS.10240312":
		return errorDiag(err, "Account Restricted",
			"The account or role is restricted in %s, see the message below. Check the status of the account and the role of the user.", where)
	case code == "APIGW.0302":
		return errorDiag(err, "API Access Denied",
			"The API gateway does not allow this user to call the API. Ask an administrator to check the access control of the API and of the account.")
	case code == "APIGW.0802":
		return errorDiag(err, "API Access Denied", "The user is not allowed to use region %s. Check region, and the regions that the account has enabled.", instance.Region)
	case cloudErr.Status == http.StatusForbidden:
		return errorDiag(err, "Missing Permission to List Smart Connect Tasks",
			"The credentials lack a permission in %s. Grant the IAM action %s and its dependency %s.", where, listAction, listDependency)
	case code == "DMS.00404022":
		return attributeErrorDiag("instance_id", err, "Kafka Instance Not Found",
			"Instance %s does not exist in %s. Check region, project_id and instance_id, which is the ID of the instance, not its name.", instance.ID, where)
	case code == "DMS.00400030", code == "DMS.00400061":
		return attributeErrorDiag("instance_id", err, "Invalid Instance ID",
			"The service rejected %q as an instance ID. Set instance_id to the ID shown in the console on the page of the instance.", instance.ID)
	case code == "DMS.00400026":
		return attributeErrorDiag("instance_id", err, "Instance Not Ready",
			"Tasks cannot be listed in the current state of instance %s. Wait until it is running, and check that Smart Connect is enabled.", instance.ID)
	case cloudErr.Status == http.StatusNotFound:
		return errorDiag(err, "Smart Connect Endpoint Not Found", "The endpoint has no API for Smart Connect tasks. Check region, cloud and endpoints.dms.")
	case cloudErr.Status == http.StatusTooManyRequests:
		return errorDiag(err, "Requests Throttled", "The service throttles requests from this account. Try again later, or increase max_retries and timeouts.read.")
	case cloudErr.Status/100 == 3:
		return errorDiag(err, "Unexpected Redirect", "The endpoint returned a redirect, which is not followed because requests are signed for one host. Check endpoints.dms, cloud and the proxy settings.")
	case cloudErr.Status/100 == 4:
		return errorDiag(err, "Request Rejected", "The service rejected the request. Check instance_id, region and project_id. If they are right, %s.", contactSupport)
	default:
		return errorDiag(err, readSummary, "The service or an intermediate proxy returned an error. Try again later. If it persists, %s.", contactSupport)
	}
}

// projectAPIError explains an error response to the lookup of a project.
func projectAPIError(err error, cloudErr *huaweicloud.Error, instance smartconnect.Instance) diag.Diagnostic {
	const summary = "Unable to Look Up Project"
	const skip = "set project_id to skip the lookup"
	switch {
	case cloudErr.Status == http.StatusUnauthorized:
		return unauthorizedError(err, cloudErr, "")
	case cloudErr.Status >= 500 || cloudErr.Status == http.StatusTooManyRequests:
		return errorDiag(err, summary, "IAM could not look up the project of region %s. Try again later, or %s.", instance.Region, skip)
	case cloudErr.Status == http.StatusForbidden:
		return errorDiag(err, "Missing Permission to Look Up Project",
			"The credentials lack the permission to look up the project of region %s. Grant the IAM action iam:projects:listProjects, or %s.", instance.Region, skip)
	default:
		return errorDiag(err, summary, "IAM could not look up the project of region %s. Check auth_url, cloud and endpoints.iam, or %s.", instance.Region, skip)
	}
}

// unauthorizedError explains a 401. check is added to the list of what to check.
func unauthorizedError(err error, cloudErr *huaweicloud.Error, check string) diag.Diagnostic {
	if strings.Contains(cloudErr.Message, "reach the limit") {
		return errorDiag(err, "Access Key Locked",
			"Huawei Cloud locks an access key for several minutes after too many failed requests, and until then rejects it even with the right secret key. Find what else uses the access key with a wrong secret key, wait, and try again.")
	}
	if cloudErr.IsTokenRejected() {
		return errorDiag(err, "Token Rejected",
			"The token has expired, or is for another project or region. Set token or HW_AUTH_TOKEN to a new one, or unset it to use other credentials: "+
				"it takes precedence over access keys and passwords from the same source. Also check the region%s.", check)
	}
	return errorDiag(err, "Credentials Rejected",
		"The service rejected the access key. Check the region%s, access_key and secret_key (or HW_ACCESS_KEY and HW_SECRET_KEY), for temporary keys also security_token "+
			"and their expiration, and the clock of this machine. Rejected keys are not retried, because Huawei Cloud locks them after five failures in a row.", check)
}

// authError explains an error response to a request for a credential.
func authError(err error, cloudErr *huaweicloud.Error, auth *huaweicloud.AuthError) diag.Diagnostic {
	const summary = "Authentication Failed"
	const project = "that the project exists (project_id, project_name, or the one named after the region)"
	switch {
	case cloudErr.Status >= 500 || cloudErr.Status == http.StatusTooManyRequests:
		return errorDiag(err, summary, "The service that issues credentials returned an error. Try again later.")
	case auth.Method == huaweicloud.AuthPassword:
		return errorDiag(err, summary,
			"IAM rejected the user or password. Check user_name or user_id, password, domain_name or domain_id, and %s. "+
				"A rejected password is not retried, because Huawei Cloud locks a user after five failures in a row.", project)
	case auth.Method == huaweicloud.AuthOIDC:
		return errorDiag(err, summary,
			"IAM rejected the ID token. Check idp_id, and that the token was issued for this cloud and has not expired.")
	case auth.Method == huaweicloud.AuthTrustAgency:
		return errorDiag(err, summary,
			"The agency %s (%s) could not be assumed. Check agency_name and domain_id, that the agency trusts the account of the credentials, "+
				"and that they have the permission sts:agencies:assume for it.", auth.Principal, auth.AgencyURN)
	case auth.Method == huaweicloud.AuthToken:
		return errorDiag(err, summary, "IAM did not exchange the token for temporary access keys. Check the permissions of the user.")
	default:
		return errorDiag(err, summary,
			"The agency %s could not be assumed. Check agency_name and domain_name, that the agency is delegated to the account of the credentials, "+
				"and that the user has the Agent Operator role.", auth.Principal)
	}
}

// clientError explains an error without an error response.
func clientError(err error, instance smartconnect.Instance) diag.Diagnostic {
	var (
		project       *huaweicloud.ProjectError
		field         *smartconnect.FieldError
		inconsistent  *smartconnect.InconsistentListError
		limit         *smartconnect.LimitError
		invalid       *huaweicloud.InvalidResponseError
		proxy         *huaweicloud.ProxyError
		connection    *huaweicloud.ConnectionError
		certificate   *tls.CertificateVerificationError
		dns           *net.DNSError
		notTLS        tls.RecordHeaderError
		region        *huaweicloud.RegionError
		noCredentials *huaweicloud.NoCredentialsError
		identity      *huaweicloud.InstanceIdentityError
		auth          *huaweicloud.AuthError
		file          *huaweicloud.FileError
		panicked      *smartconnect.PanicError
	)
	switch {
	case errors.As(err, &identity):
		return errorDiag(err, "Missing Instance Credentials",
			"The %s of this machine provided no credentials. Check the agency of the ECS instance or the identity of the pod. On other machines, set access_key and secret_key.", identity.Service)
	case errors.As(err, &noCredentials):
		return errorDiag(err, "Missing Credentials",
			"No credentials were found. Set access_key and secret_key in the provider block, or HW_ACCESS_KEY and HW_SECRET_KEY in the environment. The guide Authentication describes the other methods.")
	case errors.As(err, &region):
		return attributeErrorDiag("region", err, "Token for Another Region",
			"A token is valid in one region only. Use access keys or a password, which are valid in all regions, or another provider block with a token for region %s.", instance.Region)
	case errors.As(err, &project) && len(project.IDs) == 0 && project.Name != project.Region:
		return errorDiag(err, "Project Not Found",
			"No project in region %s matches project_name. Check project_name and region, or set project_id.", instance.Region)
	case errors.As(err, &project) && len(project.IDs) == 0:
		return attributeErrorDiag("region", err, "Project Not Found",
			"No project has the same name as the region, %s. Check region, or set project_id, or project_name in the provider block.", instance.Region)
	case errors.As(err, &project):
		return attributeErrorDiag("project_id", err, "Ambiguous Project Name", "Several projects have the name %q. Set project_id to the ID of one of them.", project.Name)
	case errors.As(err, &panicked):
		return errorDiag(err, panicSummary, reportBug)
	case errors.As(err, &field):
		return errorDiag(err, "Unexpected Value from Smart Connect",
			"The service returned a value of an undocumented type, so the list cannot be read. Please %s, and report the value at %s.", contactSupport, issuesURL)
	case errors.As(err, &limit):
		return errorDiag(err, "Too Many Smart Connect Tasks",
			"The response for instance %s is far larger than the quotas of the service allow. Check the endpoint. If it is right, %s.", instance.ID, contactSupport)
	case errors.As(err, &inconsistent) && inconsistent.Repeated:
		return errorDiag(err, "Unexpected Pagination of Smart Connect Tasks",
			"The service does not paginate the list as documented, so it cannot be read completely. Please %s, and report it at %s.", contactSupport, issuesURL)
	case errors.As(err, &inconsistent):
		return errorDiag(err, "List of Tasks Keeps Changing",
			"Tasks were created or deleted each time the list was read, so it could not be read completely. Try again when the tasks change less often.")
	case errors.As(err, &invalid) && strings.HasPrefix(invalid.ContentType, "application/json"):
		return errorDiag(err, "Unexpected Response",
			"The response is JSON, but not in the documented format. Check endpoints, cloud and auth_url. If they are right, %s.", contactSupport)
	case errors.As(err, &invalid):
		return errorDiag(err, foreignSummary, foreignDetail)
	case errors.Is(err, huaweicloud.ErrResponseTooLarge):
		return errorDiag(err, "Unexpected Response",
			"The response is far larger than any that is documented. Check endpoints, cloud and auth_url. If they are right, %s.", contactSupport)
	case errors.As(err, &proxy):
		return proxyError(err, proxy)
	case errors.As(err, &certificate):
		return errorDiag(err, "Untrusted Certificate",
			"The certificate of the endpoint is not trusted. Set cacert_file to the PEM file of the CA that signed it, or check the endpoint. insecure = true accepts any certificate, even an attacker's.")
	case errors.As(err, &notTLS):
		return errorDiag(err, "Endpoint Without TLS",
			"The endpoint does not support TLS; https:// is the default scheme. Check endpoints. For a server without TLS use http://, which requires insecure = true unless the address is a loopback address.")
	case errors.As(err, &dns) && !dns.IsNotFound:
		return errorDiag(err, "Host Name Lookup Failed", "The DNS server could not resolve the host name. Try again, or check the DNS settings of this machine.")
	case errors.As(err, &dns):
		return errorDiag(err, "Host Name Not Found", "The host name does not exist. Check region (%s), cloud, endpoints, and the DNS settings of this machine.", instance.Region)
	case errors.As(err, &connection):
		return errorDiag(err, "Connection Failed",
			"No complete response was received from %s. Check endpoints, cloud and region, the network, the firewall and the proxy settings (HTTPS_PROXY, NO_PROXY).", connection.Address)
	case errors.As(err, &auth) && errors.As(err, &file):
		return errorDiag(err, "Unable to Read ID Token",
			"The file with the ID token could not be read. Check assume_role_with_oidc.id_token_file, or the environment variable HW_ASSUME_ROLE_ID_TOKEN_FILE.")
	case errors.As(err, &auth):
		return errorDiag(err, "Authentication Failed", "The request for credentials failed without a response. Try again later.")
	default:
		return errorDiag(err, readSummary, "The request failed without a response. Try again later.")
	}
}

// proxyError explains an error response of a proxy, or why there is none.
func proxyError(err error, proxy *huaweicloud.ProxyError) diag.Diagnostic {
	var dns *net.DNSError
	switch {
	case errors.Is(err, huaweicloud.ErrProxyURL):
		return errorDiag(err, "Invalid Proxy URL",
			"The URL of the proxy is invalid. Percent-encode special characters in the user name and password: %%23 for #, %%2F for /, %%25 for %%.")
	case proxy.Status == http.StatusProxyAuthRequired:
		return errorDiag(err, "Proxy Authentication Required",
			"The proxy %s requires a user name and password, or rejected them. Check them in HTTPS_PROXY.", proxy.Proxy)
	case proxy.Status == http.StatusForbidden:
		return errorDiag(err, "Request Denied by Proxy",
			"The proxy %s does not allow connections to the host. Allow the host in the proxy, or bypass the proxy with NO_PROXY.", proxy.Proxy)
	case proxy.Status > 0:
		return errorDiag(err, "Proxy Error", "The proxy %s could not connect to the host. Check that the proxy can reach it, or bypass the proxy with NO_PROXY.", proxy.Proxy)
	case errors.As(err, &dns):
		return errorDiag(err, "Proxy Not Found", "The host name of the proxy %s does not exist. Check HTTPS_PROXY.", proxy.Proxy)
	default:
		return errorDiag(err, "Proxy Unreachable", "The provider could not connect to the proxy %s. Check HTTPS_PROXY, and that the proxy is running.", proxy.Proxy)
	}
}

// errorDiag returns an error diagnostic. Its detail is what happened, what to do, and the error.
func errorDiag(err error, summary, detail string, args ...any) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, fmt.Sprintf(detail, args...)+"\n\n"+err.Error())
}

// attributeErrorDiag is errorDiag at an argument of the data source.
func attributeErrorDiag(argument string, err error, summary, detail string, args ...any) diag.Diagnostic {
	return diag.WithPath(path.Root(argument), errorDiag(err, summary, detail, args...))
}

// recoverPanic turns a panic into a diagnostic with its stack, so that other reads go on.
func recoverPanic(diags *diag.Diagnostics) {
	value := recover()
	if value == nil {
		return
	}
	callers := make([]uintptr, 8)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	var where strings.Builder
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		fmt.Fprintf(&where, "\n%s (%s:%d)", frame.Function, filepath.Base(frame.File), frame.Line)
	}
	diags.Append(errorDiag(fmt.Errorf("%v%s", value, where.String()), panicSummary, reportBug))
}
