// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package simulator is the cloud for tests, examples and demos: the parts of
// Huawei Cloud's IAM and DMS Smart Connect that the provider calls, as an
// [http.Handler], and beside it two places that give keys to machines, [Simulator.Metadata]
// and [Simulator.PodIdentity]. It knows nothing of the provider's own code: what it
// serves is JSON kept in files, and it checks signatures with code of its own, so
// that it can disagree with the client.
//
// Documented by the service:
//   - of the task list, its path and parameters, the default and the range of
//     limit, the three tasks of [PageTasks] and the names of all their fields, and
//     the quota of 18;
//   - the SDK-HMAC-SHA256 signature and its 15 minutes, and that keys are locked
//     for 5 minutes when they fail five times in a row;
//   - the calls for projects, tokens (by password and ID token) and temporary keys
//     (by agency and token), the form of their responses, status 201, the lifetime of a
//     token, and the range and default of duration_seconds;
//   - AssumeAgency of STS: its body, the form of the response, the range and default of
//     duration_seconds, and the hour at most for temporary keys (service and SDK);
//   - that the role Agent Operator is one of the account, which a token for a project lacks;
//   - the error bodies, and the codes APIGW.0101, APIGW.0301, APIGW.0307,
//     DMS.00400062, DMS.00403002, DMS.00404022, DMS.10240104, IAM.0001, IAM.0003,
//     IAM.0004, IAM.0005, IAM.0007 and IAM.0011;
//   - the messages of wrong and locked keys, users and tokens.
//
// Seen in public code and bug reports: an unused side served as {} or not at all,
// the status CREATING, the gateway's messages, which repeat the access key or the
// whole canonical request, a security token among its headers; and all of the
// metadata service and of pod identity, "Please configure Cloud Service Agency
// first" under 401 among it.
//   - that the gateway accepts X-Project-Id, X-Domain-Id and X-Security-Token unsigned: the
//     huaweicloud provider sets them after signing. Only X-Sdk-Date must be signed;
//   - that this provider assumes an agency with domain_id at STS, one with domain_name at IAM
//     v3.0, and exchanges the unscoped token of an identity provider for keys.
//
// Assumed:
//   - the codes and messages of STS (STS5.0001, PAP5.0001), that it accepts no token, and that a key or token of
//     one account gets APIGW.0301 or a project not found in the other;
//   - of the task list, the code of a bad offset or limit, the wording of the other
//     messages, that an offset past the end gives an empty page (sister calls of
//     the service refuse it, see [PastEndError]);
//   - that an unknown path or method is refused before the signature is looked at
//     (404 for both), and that a security token is refused with keys that have none;
//   - that a token that nobody has issued is refused as an old one is (the gateway
//     knows APIGW.0301, "decrypt token fail", as well), and a token of another
//     project by the gateway if that is in another region, else by the service;
//   - that expired temporary keys get APIGW.0301, and the message;
//   - that a project not found is a 404 and an ambiguous one a 409 to who asks for a
//     token; which of IAM's documented codes stands for an unknown agency (IAM.0004),
//     one that the caller may not assume (IAM.0003), an unknown identity provider
//     (IAM.0004) and a wrong ID token (IAM.0001);
//   - that a user is locked by as many failures as keys, and for as long (the
//     service says 15 minutes, and lets each account choose);
//   - that only a wrong signature counts as a failure of keys, not a wrong clock;
//   - that metadata and pod identity give new keys each time, for a day, that a
//     wrong session token is refused also where none is required, and the bodies of
//     their errors.
//
// The pages mask the last parts of IDs with asterisks; here they are filled in with
// invented digits, so that the IDs can be used.
package simulator
