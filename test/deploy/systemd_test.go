package deploy_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const unit = "docs/deploy/omarty.service"

// unitKeys returns a unit's settings: section, dot and key, each with its values.
func unitKeys(t *testing.T) map[string][]string {
	t.Helper()
	keys, section := map[string][]string{}, ""
	for line := range strings.Lines(text(t, unit)) {
		line = strings.TrimSpace(line)
		key, value, isPair := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case isPair:
			keys[section+"."+key] = append(keys[section+"."+key], value)
		default:
			t.Errorf("what is this? %q", line)
		}
	}
	return keys
}

func TestUnit(t *testing.T) {
	keys := unitKeys(t)
	for key, want := range map[string]string{
		"Service.ExecStart":                "/usr/local/bin/omarty serve",
		"Service.ExecStartPre":             "-/usr/local/bin/omarty check",
		"Unit.StartLimitIntervalSec":       "0",
		"Service.ExecReload":               "/bin/kill -HUP $MAINPID",
		"Service.KillSignal":               "SIGTERM",
		"Service.User":                     "omarty",
		"Service.StateDirectory":           "omarty",
		"Service.StateDirectoryMode":       "0700",
		"Service.RestartPreventExitStatus": "2",
		"Service.CapabilityBoundingSet":    "",
		"Service.NoNewPrivileges":          "yes",
		"Service.ProtectSystem":            "strict",
		"Service.ProtectHome":              "yes",
		"Service.PrivateTmp":               "yes",
		"Service.MemoryDenyWriteExecute":   "yes",
		"Service.RestrictAddressFamilies":  "AF_INET AF_INET6",
		"Install.WantedBy":                 "multi-user.target",
	} {
		if got := keys[key]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if !slices.Contains(keys["Service.SystemCallFilter"], "@system-service") {
		t.Errorf("SystemCallFilter is %v", keys["Service.SystemCallFilter"])
	}
	// systemd puts credentials where %d says.
	credential, _, _ := strings.Cut(keys["Service.LoadCredential"][0], ":")
	variables := map[string]string{}
	for _, pair := range keys["Service.Environment"] {
		name, value, _ := strings.Cut(pair, "=")
		variables[name] = strings.Replace(value, "%d/", "/run/credentials/omarty.service/", 1)
	}
	if got := variables["OMARTY_AUTH_HS256_SECRET_FILE"]; got != "/run/credentials/omarty.service/"+credential {
		t.Errorf("the secret is looked for in %s", got)
	}
	config := loaded(t, variables)
	patience, err := time.ParseDuration(keys["Service.TimeoutStopSec"][0])
	if err != nil {
		t.Fatal(err)
	}
	wantPatience(t, "TimeoutStopSec", patience, config.HTTP)
}

// systemd itself finds no fault in the unit, with a program where it looks for one.
func TestUnitBySystemd(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	here := filepath.Join(t.TempDir(), "omarty.service")
	write(t, here, strings.ReplaceAll(text(t, unit), "/usr/local/bin/omarty", "/bin/true"), 0o600)
	if output, err := exec.Command(analyze, "verify", "--man=no", here).CombinedOutput(); err != nil || strings.Contains(string(output), here) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, output)
	}
}
