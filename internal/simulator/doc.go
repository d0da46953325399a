// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package simulator simulates Huawei Cloud for tests, examples and demos: what the provider uses of IAM, STS and DMS
// Smart Connect, as an [http.Handler], and the two services that issue keys to machines, [Simulator.Metadata] and
// [Simulator.PodIdentity]. It shares no code with the provider: its responses are rendered from JSON files, and it
// verifies signatures itself, so that it can disagree with the client.
//
// Documented in the API references:
//   - the path and parameters of the task list, the default and range of limit, the three tasks of [PageTasks],
//     the names of all their fields, and the quota of 18;
//   - the SDK-HMAC-SHA256 signature and its 15 minutes, and that five failures in a row lock a key for 5 minutes;
//   - the calls for projects, tokens (by password and ID token) and temporary keys (by agency and token), their
//     responses, status 201, the lifetime of a token, and the range and default of duration_seconds;
//   - AssumeAgency of STS: its body, its response, the range and default of duration_seconds, and the maximum of
//     one hour with temporary keys (also in the SDK);
//   - that the role Agent Operator is one of the account, which a token for a project lacks;
//   - the form of errors, and the codes APIGW.0101, APIGW.0301, APIGW.0307, DMS.00400062, DMS.00403002,
//     DMS.00404022, DMS.10240104, IAM.0001, IAM.0003, IAM.0004, IAM.0005, IAM.0007 and IAM.0011;
//   - the messages for wrong and locked keys, users and tokens.
//
// Seen in public code and bug reports:
//   - that an unused side is {} or missing, and the status CREATING;
//   - that the gateway's messages echo the access key or the complete canonical request, including a security token;
//   - the metadata service and pod identity, including "Please configure Cloud Service Agency first" with 401;
//   - that the gateway accepts X-Project-Id, X-Domain-Id and X-Security-Token unsigned: the huaweicloud provider
//     sets them after signing. Only X-Sdk-Date must be signed;
//   - that the huaweicloud provider assumes an agency with domain_id at STS and one with domain_name at IAM v3.0,
//     and exchanges the unscoped token of an identity provider for keys.
//
// Assumed:
//   - the codes and messages of STS (STS5.0001, PAP5.0001), that it accepts no token, and that a key or token of
//     one account gets APIGW.0301 or a missing project in the other;
//   - the code for an invalid offset or limit, the wording of the other messages, and that an offset past the end
//     gets an empty page (similar calls of the service reject it, see [PastEndError]);
//   - that an unknown path or method is rejected before the signature is verified (404 for both), and that a
//     security token is rejected with keys that have none;
//   - that an unknown token is rejected like an expired one (the gateway also has APIGW.0301, "decrypt token fail"),
//     and a token of another project by the gateway if that is in another region, else by the service;
//   - that expired temporary keys get APIGW.0301, and the message;
//   - 404 for a missing and 409 for an ambiguous project in requests for tokens; which of IAM's documented codes is
//     that of an unknown agency (IAM.0004), a denied one (IAM.0003), an unknown identity provider (IAM.0004) and a
//     wrong ID token (IAM.0001);
//   - that as many failures lock a user as a key, and for as long (the service documents 15 minutes, which each
//     account can change);
//   - that only a wrong signature counts as a failure of a key, not a wrong clock;
//   - that metadata and pod identity issue new keys for each request, valid for a day, that an unknown session token
//     is rejected even where none is required, and the bodies of their errors.
//
// The API references mask the last parts of IDs with asterisks; here they are filled in with invented digits.
package simulator
