// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package sdkcompat compares this project with Huawei Cloud's official SDK, so that neither the signer nor the
// simulator rests on our own reading of the documents alone. It consists of tests:
//
//   - huaweicloud.Sign and the SDK's signer, for random requests. Some requests are stored with the SDK's
//     signatures in internal/huaweicloud/testdata/signatures.json, for tests without the SDK;
//     go test -run goldenVectors -update regenerates them.
//   - The SDK's clients of Kafka, IAM and STS and the simulator, over HTTP: listing tasks, project lookup,
//     authentication, errors.
//   - Our client and the SDK, both with the simulator: the tasks that they decode and the requests with
//     which they authenticate.
//
// It is a module of its own, which keeps the SDK out of the product's go.mod.
package sdkcompat
