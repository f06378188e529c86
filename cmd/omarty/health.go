package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"omarty.net/registry/configs"
)

// Bounds of one look at a server.
const (
	healthTimeout   = 3 * time.Second
	healthBodyLimit = 512 // bytes of the answer that are shown
)

func healthCommand(load settings) *cobra.Command {
	var given string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running server whether it is ready",
		Long: `Health asks a server whether it can answer requests now, prints what it says,
and exits with 0 if it can and with 1 if not. It takes 3 seconds at most. It is
for health checks where there is no shell.

Without --url it asks for /readyz at the configured http.address.`,
		Example: `  omarty health
  omarty health --url http://127.0.0.1:8080/healthz`,
		Args: noArguments,
		PreRunE: func(*cobra.Command, []string) error {
			if u, err := url.Parse(given); given != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
				return errors.New("--url must be like http://127.0.0.1:8080/readyz")
			}
			return nil
		},
		RunE: action(func(cmd *cobra.Command, _ []string) error {
			target := given
			if target == "" {
				config, err := load()
				if err != nil {
					return err
				}
				if target, err = readyURL(config.HTTP.Address); err != nil {
					return err
				}
			}
			said, err := askHealth(cmd.Context(), target)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), said)
			return err
		}),
	}
	cmd.Flags().StringVar(&given, "url", "", "the `URL` to ask for (default /readyz at http.address)")
	return cmd
}

// readyURL is where a server that listens on an address says from this machine whether it is ready. An address without a
// host, or with 0.0.0.0 or ::, is asked on the loopback.
func readyURL(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("http.address: %w", err)
	}
	if port == "0" {
		return "", configs.Problems{"http.address (OMARTY_HTTP_ADDRESS) has port 0, which may be any: set it, or name --url"}
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip == netip.IPv4Unspecified() {
		host = "127.0.0.1"
	} else if err == nil && ip == netip.IPv6Unspecified() {
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port) + "/readyz", nil
}

// askHealth returns what a server answers to a GET, an error unless that is 200. It follows no redirect and uses no proxy:
// the answer is to be the server's own.
func askHealth(ctx context.Context, target string) (said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return "", err
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return "", fmt.Errorf("%s did not answer within %s", request.URL.Redacted(), healthTimeout)
	}
	if err != nil {
		if step, ok := errors.AsType[*url.Error](err); ok {
			err = step.Err // the rest of it is the URL again
		}
		return "", fmt.Errorf("%s cannot be asked: %w", request.URL.Redacted(), err)
	}
	defer response.Body.Close() //nolint:errcheck // what was to be read has been
	body, err := io.ReadAll(io.LimitReader(response.Body, healthBodyLimit))
	if err != nil {
		return "", fmt.Errorf("%s: its answer cannot be read: %w", request.URL.Redacted(), err)
	}
	said = fmt.Sprintf("%s answers %d %#q", request.URL.Redacted(), response.StatusCode, strings.TrimSpace(string(body)))
	if response.StatusCode != http.StatusOK {
		return "", errors.New(said)
	}
	return said, nil
}
