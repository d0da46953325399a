// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

package huaweicloud

import (
	"net/http"
	"sync/atomic"
	"time"
)

const maxClockSkew = 4 * time.Minute // the cloud rejects signatures at 15

// clock is this machine's clock. It is set to the cloud's once the cloud has rejected a signature for its time.
type clock struct{ offset atomic.Int64 } // ns

func (c *clock) skew() time.Duration { return time.Duration(c.offset.Load()) }

func (c *clock) now() time.Time { return time.Now().Add(c.skew()) }

// correct sets the clock to the cloud's and returns true if the clock explains why a request was rejected. It does so
// only once, since repeated rejections would lock the access key.
func (c *clock) correct(resp response) bool {
	date, err := http.ParseTime(resp.header.Get("Date"))
	if err != nil || resp.clockSkew != 0 {
		return false
	}
	skew := time.Until(date)
	if skew.Abs() <= maxClockSkew {
		return false
	}
	c.offset.CompareAndSwap(0, int64(skew))
	return true
}
