// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package simulator is the cloud for tests, examples and demos: the parts of
// Huawei Cloud's IAM and DMS Smart Connect that the provider calls, as an
// [http.Handler]. It knows nothing of the provider's own code: what it serves is
// JSON kept in files, and it checks signatures with code of its own, so that it
// can disagree with the client.
//
// Documented by the service: the two paths and their parameters, the default and
// the range of limit, the three tasks of [PageTasks] and the names of all their
// fields, the quota of 18, the SDK-HMAC-SHA256 signature and its 15 minutes, the
// error bodies, and the codes APIGW.0101, APIGW.0301, DMS.00400062, DMS.00404022
// and DMS.10240104.
//
// Seen in public code and bug reports: an unused side served as {} or not at all,
// the status CREATING, and the gateway's messages, which repeat the access key or
// the whole canonical request, a security token among its headers.
//
// Assumed: the code of a bad offset or limit, the wording of the other messages,
// that an offset past the end gives an empty page (sister calls of the service
// refuse it, see [PastEndError]), that an unknown path or method is refused before
// the signature is looked at (404 for both), and that a security token is refused
// with keys that have none. The pages mask the last parts of IDs with asterisks;
// here they are filled in with invented digits, so that the IDs can be used.
package simulator
