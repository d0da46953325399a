// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Package sdkcompat holds the official SDK of Huawei Cloud against this project's own
// code, so that neither the signer nor the simulator is only our own reading of the
// documents. It has tests and nothing else:
//
//   - huaweicloud.Sign against the SDK's signer, for random requests. Some of them
//     are kept with the SDK's answer in internal/huaweicloud/testdata/signatures.json,
//     where the product's own tests use them without the SDK;
//     go test -run Golden -update writes them anew.
//   - The SDK's Kafka client and project look-up against the simulator, over HTTP.
//   - The SDK's ways to authenticate against the simulator: by keys, an ID token, ECS
//     metadata and CCE pod identity, and by what its IAM client asks for.
//   - Our own client beside the SDK, both against the simulator, with the bodies by
//     which they authenticate, at IAM and STS.
//
// It is a module of its own, so that the SDK is in neither the product's go.mod nor
// its binary.
package sdkcompat
