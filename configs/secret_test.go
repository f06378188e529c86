package configs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"omarty.net/registry/configs"
)

func TestSecretIsNotSeen(t *testing.T) {
	config := defaultConfig()
	config.Auth.HS256Secret, config.Database.URL = "tell-no-one", "mysql://u:tell-no-one@h/n"
	var out bytes.Buffer
	for _, verb := range strings.Split("v +v #v s q x X d T t U", " ") {
		fmt.Fprintf(&out, "%"+verb+"\n", config)
		fmt.Fprintf(&out, "%"+verb+"\n", config.Auth.HS256Secret)
		fmt.Fprintf(&out, "%"+verb+"\n", &config.Auth)
	}
	fmt.Fprintln(&out, config, config.Auth.HS256Secret.String(), config.Auth.HS256Secret.GoString(),
		config.Auth.HS256Secret.LogValue())
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("started", "config", config, "secret", config.Auth.HS256Secret)
	}
	encoded, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	for _, leak := range []string{"tell", fmt.Sprintf("%x", "tell"), fmt.Sprintf("%X", "tell")} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is seen in\n%s", leak, out.String())
		}
	}
	if !strings.Contains(string(encoded), `"HS256Secret":"[redacted]"`) || fmt.Sprint(configs.Secret("")) != "[redacted]" {
		t.Errorf("not marked as redacted: %s", encoded)
	}
	if config.Auth.HS256Secret.Reveal() != "tell-no-one" {
		t.Error("Reveal does not reveal")
	}
}

// However a secret is written wrongly, the error does not hold it.
func TestErrorsHoldNoSecret(t *testing.T) {
	const canary = "canary"
	for _, shape := range []string{
		"auth:\n  KEY: canary", "auth:\n  KEY: *canary", "auth:\n  KEY: &canary [*canary]",
		"auth:\n  KEY: !!int canary", "auth:\n  KEY: !!int \"a\n\n  canary\"", "auth:\n  KEY: !!binary canary!",
		"auth:\n  KEY: !!float canary", "auth:\n  KEY: {canary: 1}", "auth:\n  KEY: {{canary}}",
		"auth:\n  KEY: {{a: canary}: b}", "auth:\n  KEY: [canary]", "auth:\n  KEY:canary",
		"auth: {KEY:canary, require_expiry: true}", "auth: {KEY:canary: 1, KEY:canary: 2}",
		"auth: {KEY=canary: 1}", "auth: canary", "auth: [canary]", "canary", "- canary", "!!int canary",
		"\"\n\n  line 1: canary\"", "auth:\n  KEY: `canary", "auth:\n  KEY: @canary", "auth:\n  KEY: %canary",
		"auth:\n  KEY: 'canary", "auth:\n  KEY: \"canary\\q\"", "auth:\n  KEY: a: canary",
		"auth:\n  KEY: !canary x", "auth:\n  KEY: !<canary> x", "auth:\n  KEY: canary\n  KEY: canary",
		"auth:\n  KEY: |9canary", "auth:\n\tKEY: canary", "auth:\n  <<: canary", "auth: &canary\n  <<: *canary",
	} {
		for _, s := range configs.Settings() {
			if !s.Secret {
				continue
			}
			section, name, _ := strings.Cut(s.Key, ".")
			text := strings.NewReplacer("auth", section, "KEY", name).Replace(shape)
			if _, err := configs.Load(written(t, "omarty.yaml", text), nil, configs.NeedsKeys); err == nil {
				t.Errorf("loaded: %s", text)
			} else if strings.Contains(strings.ToLower(err.Error()), canary) {
				t.Errorf("%s\ntold: %v", text, err)
			}
			if _, err := configs.Load("", []string{s.Env + "=mysql://u:canary@h:p/%"}); err == nil && s.Key == "database.url" ||
				err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("%s told: %v", s.Env, err)
			}
		}
	}
}
