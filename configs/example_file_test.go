package configs_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"omarty.net/registry/configs"
)

func TestExampleFileLoadsToTheDefaults(t *testing.T) {
	got, err := configs.Load("omarty.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, defaultConfig()) {
		t.Errorf("got %+v, want %+v", got, defaultConfig())
	}
}

// The example shows every setting once, in order, with its default, and says of it what the table says.
func TestExampleFileIsComplete(t *testing.T) {
	content, err := os.ReadFile("omarty.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type shown struct{ key, value, comment string }
	var all []shown
	section, comment := "", ""
	begins := regexp.MustCompile(`^(\w+):$`)
	gives := regexp.MustCompile(`^  (# )?(\w+): (.+)$`)
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(line, "\n")
		if m := begins.FindStringSubmatch(line); m != nil {
			section = m[1]
		} else if m := gives.FindStringSubmatch(line); m != nil {
			s := shown{section + "." + m[2], m[3], strings.TrimSpace(comment)}
			if m[1] != "" { // commented out: it has no default, and this is an example
				s.value = ""
			}
			all, comment = append(all, s), ""
		} else if text, isComment := strings.CutPrefix(line, "  # "); isComment {
			comment += " " + text
		} else if line != "" && !strings.HasPrefix(line, "#") {
			t.Errorf("what is this? %q", line)
		}
	}
	var want []shown
	for _, s := range configs.Settings() {
		want = append(want, shown{s.Key, s.Default, s.Doc + " Takes " + s.Takes + "."})
	}
	for i := range max(len(all), len(want)) {
		if i >= len(all) || i >= len(want) || all[i] != want[i] {
			t.Fatalf("from setting %d on, the file has\n%+v\nand the table\n%+v", i, all[min(i, len(all)):], want[min(i, len(want)):])
		}
	}
	// Uncommented, the examples load too.
	text := regexp.MustCompile(`(?m)^  # (\w+: )`).ReplaceAllString(string(content), "  $1")
	text = regexp.MustCompile(`(?m)^  (url|hs256_secret): .*\n`).ReplaceAllString(text, "")
	got, err := configs.Load(written(t, "omarty.yaml", text), nil)
	wanted := defaultConfig()
	wanted.HTTP.TrustedProxies = networks("10.0.0.0/8")
	wanted.HTTP.CORSOrigins = []string{"https://omarty.net"}
	wanted.Database.URL = ""
	wanted.Auth.PublicKeys = []string{"/etc/omarty/tokens-2026.pem", "/etc/omarty/tokens-2027.pem"}
	wanted.Auth.JWKSFile = "/etc/omarty/keys.json"
	wanted.Auth.Issuer, wanted.Auth.Audience = "https://accounts.omarty.net", "omarty"
	wanted.Admin.Address, wanted.Admin.BackupFolder = "127.0.0.1:9090", "/var/backups/omarty"
	wanted.Tracing.Endpoint = "http://127.0.0.1:4318"
	if err != nil || !reflect.DeepEqual(got, wanted) {
		t.Errorf("got %+v, %v, want %+v", got, err, wanted)
	}
}

func TestSettings(t *testing.T) {
	all := configs.Settings()
	for _, s := range all {
		if want := "OMARTY_" + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_")); s.Env != want {
			t.Errorf("%s: the variable is %s, want %s", s.Key, s.Env, want)
		}
		if secret := s.Key == "database.url" || s.Key == "auth.hs256_secret"; s.Secret != secret {
			t.Errorf("%s: secret is %t", s.Key, s.Secret)
		}
	}
	all[0].Key = "changed"
	if configs.Settings()[0].Key == "changed" {
		t.Error("the table can be changed from outside")
	}
}
