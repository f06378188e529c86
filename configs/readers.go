package configs

import (
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The readers turn a source's value into a setting's type. A variable is a string; YAML gives other types too.

// text reads a text, or a number or boolean as the text that it was.
func text(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	}
	return "", false
}

// exactText reads what must be taken to the letter: YAML may have changed a number's digits.
func exactText(value any) (string, bool) {
	v, ok := value.(string)
	return v, ok && v != ""
}

func secret(value any) (Secret, bool) {
	v, ok := exactText(value)
	return Secret(v), ok
}

// paths reads a list. An item that is no text becomes an empty one, which noneEmpty refuses.
func paths(value any) ([]string, bool) {
	items, ok := value.([]any)
	var all []string
	for _, item := range items {
		path, _ := exactText(item)
		all = append(all, path)
	}
	return all, ok
}

// networks reads a list of networks in CIDR form. An item that is none becomes an invalid one, which allNetworks refuses.
func networks(value any) ([]netip.Prefix, bool) {
	items, ok := value.([]any)
	var all []netip.Prefix
	for _, item := range items {
		t, _ := exactText(item)
		network, _ := netip.ParsePrefix(t)
		all = append(all, network.Masked())
	}
	return all, ok
}

func wholeNumber(value any) (int, bool) {
	t, _ := text(value)
	n, err := strconv.ParseUint(t, 10, 31)
	return int(n), err == nil
}

// number reads digits with a point among them. YAML gives a float of its own, or an int.
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

func trueOrFalse(value any) (bool, bool) {
	t, _ := text(value)
	return t == "true", t == "true" || t == "false"
}

func onOrOff(value any) (bool, bool) {
	t, _ := text(value)
	return t == "on", t == "on" || t == "off"
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func level(value any) (slog.Level, bool) {
	t, _ := text(value)
	l, ok := levels[t]
	return l, ok
}

func logFormat(value any) (LogFormat, bool) {
	t, ok := text(value)
	return LogFormat(t), ok
}
