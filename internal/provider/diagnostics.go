// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/smartconnect/terraform-provider-smartconnect/internal/huaweicloud"
	"github.com/smartconnect/terraform-provider-smartconnect/internal/smartconnect"
)

// listAction is the IAM action that the list of tasks takes, and listDependency what it depends on.
const (
	listAction     = "dms:instance:listConnectorSinkTask"
	listDependency = "dms:instance:listConnectorTasks"
)

const panicSummary = "Provider panicked"

const issuesURL = "https://github.com/smartconnect/terraform-provider-smartconnect/issues"

// unknownArguments is the error of a read that has to be done before the provider is known.
func unknownArguments(names []string) diag.Diagnostic {
	list := strings.Join(names, ", ")
	return diag.NewErrorDiagnostic("Provider argument not known yet",
		fmt.Sprintf("The tasks have to be read now, but the provider block's %s will be known only after apply. "+
			"Create what %s depends on first, with terraform apply -target=..., or let this data source wait for it with depends_on.", list, list))
}

// readError says what failed when instance was read, and what to do.
func readError(err error, instance smartconnect.Instance, timeout time.Duration) diag.Diagnostic {
	var (
		request *huaweicloud.RequestError
		answer  *huaweicloud.Error
		signIn  *huaweicloud.AuthError
	)
	isDMS := !errors.As(err, &request) || request.Service == huaweicloud.DMS
	switch isAnswer := errors.As(err, &answer); {
	case errors.Is(err, context.DeadlineExceeded):
		return errorDiag(err, "Reading the tasks took too long",
			"The read did not end within %s. Raise it with timeouts { read = \"10m\" }, if the reason is load.", timeout)
	case errors.Is(err, context.Canceled):
		return errorDiag(err, "Reading the tasks was cancelled", "Nothing was read.")
	case isAnswer && errors.As(err, &signIn):
		return authError(err, answer, signIn)
	case isAnswer && isDMS:
		return apiError(err, answer, instance)
	case isAnswer:
		return projectAPIError(err, answer, instance)
	default:
		return clientError(err, instance)
	}
}

// apiError explains an error answer of the list of tasks.
func apiError(err error, answer *huaweicloud.Error, instance smartconnect.Instance) diag.Diagnostic {
	where := fmt.Sprintf("project %s of region %s", instance.ProjectID, instance.Region)
	switch {
	case answer.Code == "DMS.10240104":
		return attributeErrorDiag("project_id", err, "Project and credentials do not match",
			"The credentials are not valid in %s. Correct project_id or region.", where)
	case answer.Status == http.StatusUnauthorized:
		return unauthorizedError(err, answer, fmt.Sprintf(", and that project_id (%s) is right", instance.ProjectID))
	case answer.Status == http.StatusForbidden:
		return errorDiag(err, "Not allowed to list Smart Connect tasks",
			"The credentials lack a permission in %s. Grant the IAM action %s and %s, on which it depends.", where, listAction, listDependency)
	case answer.Code == "DMS.00404022":
		return attributeErrorDiag("instance_id", err, "Kafka instance not found",
			"There is no instance %s in %s. Correct instance_id, which is the instance's ID and not its name, or region and project_id if the instance is elsewhere.", instance.ID, where)
	case answer.Code == "DMS.00400030", answer.Code == "DMS.00400061":
		return attributeErrorDiag("instance_id", err, "Invalid instance_id",
			"The service does not take %q for the ID of an instance. It is shown on the instance's page in the console.", instance.ID)
	case answer.Code == "DMS.00400026":
		return attributeErrorDiag("instance_id", err, "Instance not ready",
			"The present status of instance %s does not allow to list its tasks. Wait until it is running, and see that Smart Connect is enabled on it.", instance.ID)
	case answer.Status == http.StatusNotFound:
		return errorDiag(err, "Smart Connect not found at this address",
			"The address has no list of Smart Connect tasks. Correct region, cloud or endpoints.dms.")
	case answer.Status == http.StatusTooManyRequests:
		return errorDiag(err, "Too many requests", "The service throttles requests of this account. Try later, or raise max_retries and timeouts.read.")
	case answer.Status/100 == 3:
		return errorDiag(err, "Wrong address", "Redirects are not followed, since requests are signed for one host. Correct endpoints.dms, cloud, or the proxy.")
	default:
		return errorDiag(err, "Smart Connect tasks could not be read", "The service failed, or a proxy before it. Try again later. If it stays, give the request ID to the support of the cloud.")
	}
}

// projectAPIError explains an error answer of the look-up of a project.
func projectAPIError(err error, answer *huaweicloud.Error, instance smartconnect.Instance) diag.Diagnostic {
	switch {
	case answer.Status == http.StatusUnauthorized:
		return unauthorizedError(err, answer, "")
	case answer.Status >= 500 || answer.Status == http.StatusTooManyRequests:
		return errorDiag(err, "Project could not be looked up",
			"IAM was asked for the ID of the project of region %s, and could not answer. Try again later, or set project_id, with which IAM is not asked.", instance.Region)
	case answer.Status == http.StatusForbidden:
		return errorDiag(err, "Not allowed to look up the project",
			"The credentials may not ask IAM for the project of region %s. Set project_id, with which IAM is not asked, or grant the IAM action iam:projects:listProjects.", instance.Region)
	default:
		return errorDiag(err, "Project could not be looked up",
			"IAM was asked for the ID of the project of region %s. Correct auth_url, cloud or endpoints.iam, or set project_id, with which IAM is not asked.", instance.Region)
	}
}

// unauthorizedError explains a 401. check ends the sentence that says what to check.
func unauthorizedError(err error, answer *huaweicloud.Error, check string) diag.Diagnostic {
	if strings.Contains(answer.Message, "reach the limit") {
		return errorDiag(err, "Access key locked",
			"The cloud locks a key for some minutes after too many refusals, and refuses it meanwhile even if it is right. Wait, then try again, and find what else uses it with a wrong secret.")
	}
	if strings.HasPrefix(answer.Code, "APIGW.0307") {
		return errorDiag(err, "Token refused",
			"It has expired, or is for another project or region. Set token or HW_AUTH_TOKEN to a new one, or leave it out: a token goes before keys and passwords of the same place. Check its region%s.", check)
	}
	return errorDiag(err, "Credentials refused",
		"Check access_key and secret_key (or HW_ACCESS_KEY and HW_SECRET_KEY), for temporary keys also security_token and whether they have expired, "+
			"that the region is right and this machine's clock too%s. They are not tried again, since the cloud locks a key for some minutes after five refusals in a row.", check)
}

// authError explains an error answer of IAM to who asked for a credential.
func authError(err error, answer *huaweicloud.Error, signIn *huaweicloud.AuthError) diag.Diagnostic {
	const summary = "Signing in failed"
	switch {
	case answer.Status >= 500 || answer.Status == http.StatusTooManyRequests:
		return errorDiag(err, summary, "IAM could not answer. Try again later.")
	case signIn.Method == huaweicloud.AuthPassword:
		return errorDiag(err, summary,
			"Check user_name or user_id, password, domain_name or domain_id, and that the project exists (project_id, project_name, or the one named like the region). "+
				"A password is not tried again, since the cloud locks a user after five wrong ones.")
	case signIn.Method == huaweicloud.AuthOIDC:
		return errorDiag(err, summary,
			"Check idp_id, that the ID token is meant for this cloud and has not expired, and that the project exists (project_id, project_name, or the one named like the region).")
	default:
		return errorDiag(err, summary,
			"Check agency_name, domain_name or domain_id, the credentials with which the agency is assumed, that it is delegated to their account, and that they have the role Agent Operator.")
	}
}

// clientError explains an error without an error answer.
func clientError(err error, instance smartconnect.Instance) diag.Diagnostic {
	var (
		project     *huaweicloud.ProjectError
		field       *smartconnect.FieldError
		unstable    *smartconnect.InconsistentListError
		invalid     *huaweicloud.InvalidResponseError
		certificate *tls.CertificateVerificationError
		dns         *net.DNSError
		notTLS      tls.RecordHeaderError
		network     *net.OpError
		region      *huaweicloud.RegionError
		nobody      *huaweicloud.NoCredentialsError
		signIn      *huaweicloud.AuthError
		panicked    *smartconnect.PanicError
	)
	switch {
	case errors.As(err, &nobody):
		return errorDiag(err, "No credentials",
			"Set access_key and secret_key in the provider block, or HW_ACCESS_KEY and HW_SECRET_KEY in the environment. The guide Authentication has the other methods.")
	case errors.As(err, &region):
		return attributeErrorDiag("region", err, "Token of another region",
			"Use access keys or a password, which serve every region, or a provider block of its own with a token for region %s.", instance.Region)
	case errors.As(err, &project) && len(project.IDs) == 0 && project.Name != project.Region:
		return errorDiag(err, "Project not found",
			"The provider's project_name is not that of a project in region %s. Correct project_name or region, or set project_id.", instance.Region)
	case errors.As(err, &project) && len(project.IDs) == 0:
		return attributeErrorDiag("region", err, "Project not found",
			"The project named like the region, %s, was asked for. Correct region, or set project_id or the provider's project_name.", instance.Region)
	case errors.As(err, &project):
		return attributeErrorDiag("project_id", err, "Project is ambiguous", "Set project_id to the one that is meant.")
	case errors.As(err, &panicked):
		return errorDiag(err, panicSummary, "%s", reportBug(nil))
	case errors.As(err, &field):
		return errorDiag(err, "Answer could not be understood", "%s", reportBug(nil))
	case errors.Is(err, smartconnect.ErrTooManyRequests):
		return errorDiag(err, "Too many tasks",
			"Instance %s has more tasks than are read, or the service serves only few at a time. This is far beyond the service's quota of tasks.", instance.ID)
	case errors.As(err, &unstable):
		return errorDiag(err, "List of tasks keeps changing",
			"Tasks came or went during each pass, so that no pass is known to be whole. Run it again when fewer tasks are created and deleted.")
	case errors.As(err, &invalid) && strings.HasPrefix(invalid.ContentType, "application/json"):
		return errorDiag(err, "Answer could not be understood",
			"The answer is JSON, but not that of the service. Correct endpoints, cloud or auth_url. If the address is right, give the request to the support of the cloud.")
	case errors.As(err, &invalid):
		return errorDiag(err, "Not an answer of the service",
			"Something else answered, such as a proxy, a login page or a web server. Correct endpoints, cloud, auth_url or the proxy (HTTPS_PROXY, NO_PROXY).")
	case errors.As(err, &certificate):
		return errorDiag(err, "Certificate not trusted",
			"Name the PEM file of the authority that signed it in cacert_file, or correct the address. insecure = true accepts any certificate, also an attacker's.")
	case errors.As(err, &notTLS):
		return errorDiag(err, "No encryption at this address",
			"What answers there does not speak TLS. Correct endpoints: without a scheme, https:// is taken. For a server without TLS write http://, which is taken for loopback addresses, and for others with insecure = true.")
	case errors.As(err, &dns) && !dns.IsNotFound:
		return errorDiag(err, "Host name could not be looked up", "The name server could not answer. Try again, or see to the network's DNS.")
	case errors.As(err, &dns):
		return errorDiag(err, "Host name not found",
			"There is no such host. Correct region (%s), cloud or endpoints, or the network's DNS.", instance.Region)
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errorDiag(err, "No connection",
			"The address could not be reached, or the connection broke. Correct endpoints, cloud or region, or see to the network, firewall or proxy (HTTPS_PROXY, NO_PROXY).")
	case errors.As(err, &signIn) && signIn.Method == huaweicloud.AuthOIDC:
		return errorDiag(err, "Unable to Read ID Token",
			"Check assume_role_with_oidc.id_token_file, or the environment variable HW_ASSUME_ROLE_ID_TOKEN_FILE.")
	case errors.As(err, &signIn):
		return errorDiag(err, "Signing in failed", "What the method %s needs could not be read.", signIn.Method)
	default:
		return errorDiag(err, "Smart Connect tasks could not be read", "The request failed before there was an answer.")
	}
}

// errorDiag returns an error diagnostic: what failed, what to do, and what was said.
func errorDiag(err error, summary, advice string, args ...any) diag.Diagnostic {
	return diag.NewErrorDiagnostic(summary, fmt.Sprintf(advice, args...)+"\n\n"+err.Error())
}

// attributeErrorDiag is failure at an argument of the data source.
func attributeErrorDiag(argument string, err error, summary, advice string, args ...any) diag.Diagnostic {
	return diag.WithPath(path.Root(argument), errorDiag(err, summary, advice, args...))
}

// recoverPanic turns a panic into a diagnostic, so that other reads go on, and says where it was.
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
	diags.AddError(panicSummary, reportBug(fmt.Errorf("%v%s", value, where.String())))
}

// reportBug asks for a report of what is not the user's fault.
func reportBug(err error) string {
	text := "This is a defect of the provider. Please report it at " + issuesURL + "."
	if err != nil {
		text += "\n\n" + err.Error()
	}
	return text
}
