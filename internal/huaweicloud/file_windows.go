// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import "io/fs"

// Windows has access control lists, which are not checked.
const hasPermissions = false

func ownedByUserOrRoot(fs.FileInfo) bool { return true }
