package configs

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// isAddress accepts host:port, where the host is empty, an IP address or a name.
func isAddress(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return false
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == ""
}

// hostsButTheLast matches the hosts before the last one, which net/url does not accept.
var hostsButTheLast = regexp.MustCompile("^(mysql://[^/?#]*@)[^/?#]*,")

// isDatabaseURL checks scheme and shape alone. It drops the error of net/url, which quotes the password.
func isDatabaseURL(s Secret) bool {
	text := s.Reveal()
	if text == "memory:" {
		return true
	}
	if path, found := strings.CutPrefix(text, "sqlite://"); found {
		return path != "" && path[0] != '?'
	}
	u, err := url.Parse(hostsButTheLast.ReplaceAllString(text, "$1"))
	return err == nil && u.Scheme == "mysql" && u.User.Username() != "" && u.Hostname() != "" && len(u.Path) > 1
}

// isCollectorURL refuses user and password too, because logs show the URL.
func isCollectorURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return false
	}
	if _, err := strconv.ParseUint(cmp.Or(u.Port(), "80"), 10, 16); err != nil {
		return false
	}
	return u.User == nil && !strings.ContainsAny(text, "?#")
}

// isOrigin accepts a scheme, a host and perhaps a port, as browsers write them in Origin.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Scheme+"://"+u.Host == text && strings.ToLower(text) == text
}

// isLongEnough is the least length of an HS256 secret (wire contract, The token; RFC 7518, 3.2).
func isLongEnough(s Secret) bool { return len(s) >= 32 }

func notEmpty(text string) bool { return text != "" }
