package main

import (
	"time"

	"omarty.net/registry/application"
)

func systemClock() application.Clock { return time.Now }
