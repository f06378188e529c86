package configs

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The readers convert a source's value to a setting's type. A variable is a string; YAML gives other types too.

// text reads a text, and a number or boolean as text.
func text(value any) (string, bool) {
	switch value.(type) {
	case string, bool, int:
		return fmt.Sprint(value), true
	}
	return "", false
}

// exactText reads a text alone: of a number, YAML may have changed the digits.
func exactText[T ~string](value any) (T, bool) {
	t, ok := value.(string)
	return T(t), ok && t != ""
}

func network(text string) netip.Prefix {
	n, _ := netip.ParsePrefix(text) // else the zero Prefix, which is not valid
	return n.Masked()
}

func wholeNumber(value any) (int, bool) {
	t, _ := text(value)
	n, err := strconv.ParseUint(t, 10, 31)
	return int(n), err == nil
}

// number reads a decimal number without a sign or exponent. YAML also gives a float or an int.
func number(value any) (float64, bool) {
	if f, ok := value.(float64); ok {
		return f, true
	}
	t, _ := text(value)
	f, err := strconv.ParseFloat(t, 64)
	return f, err == nil && strings.Trim(t, "0123456789.") == ""
}

func size(value any) (int64, bool) {
	t, _ := text(value)
	unit := int64(1)
	for suffix, bytes := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20} {
		if digits, found := strings.CutSuffix(t, suffix); found {
			t, unit = strings.TrimRight(digits, " "), bytes
		}
	}
	n, ok := wholeNumber(t)
	return int64(n) * unit, ok
}

func duration(value any) (time.Duration, bool) {
	t, _ := text(value)
	d, err := time.ParseDuration(t)
	return d, err == nil
}

// The settings of a few words.
var (
	trueOrFalse = map[string]bool{"true": true, "false": false}
	onOrOff     = map[string]bool{"on": true, "off": false}
	logFormats  = map[string]LogFormat{"text": FormatText, "json": FormatJSON}
	levels      = map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
)
