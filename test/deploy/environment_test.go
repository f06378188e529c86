package deploy_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/legacy"
	"omarty.net/registry/configs"
)

// loaded returns the configuration that variables give. A path of a secret's file is replaced by that of one that is here:
// the other values are checked as they stand.
func loaded(t *testing.T, variables map[string]string) configs.Config {
	t.Helper()
	here := t.TempDir()
	write(t, here+"/url", "mysql://omarty:password@mariadb:3306/omarty\n", 0o600)
	write(t, here+"/secret", strings.Repeat("s", 32)+"\n", 0o600)
	files := map[string]string{"OMARTY_DATABASE_URL_FILE": here + "/url", "OMARTY_AUTH_HS256_SECRET_FILE": here + "/secret"}
	var environ []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		known := slices.ContainsFunc(configs.Settings(), func(s configs.Setting) bool { return s.Env == name })
		if strings.HasPrefix(name, "OMARTY_") && !known && name != "OMARTY_CONFIG" {
			t.Errorf("%s is no setting", name)
		}
		value := variables[name]
		if path, isFile := files[name]; isFile {
			if !strings.HasPrefix(value, "/") {
				t.Errorf("%s: %s is no absolute path", name, value)
			}
			value = path
		}
		environ = append(environ, name+"="+value)
	}
	config, err := configs.Load("", environ, configs.NeedsDatabase, configs.NeedsKeys)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// wantPatience checks that what ends the program waits longer than its own shutdown may take.
func wantPatience(t *testing.T, what string, patience time.Duration, c configs.HTTP) {
	t.Helper()
	if own := c.ShutdownDelay + c.ShutdownTimeout; patience < own+5*time.Second {
		t.Errorf("%s is %s, and the program itself may take %s", what, patience, own)
	}
}

// wantProbe checks that a path answers a probe.
func wantProbe(t *testing.T, path string) {
	t.Helper()
	answer := httptest.NewRecorder()
	httpapi.New(nil, httpapi.Options{}, legacy.New(nil)).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	if answer.Code != http.StatusOK {
		t.Errorf("a probe of %s is answered %d", path, answer.Code)
	}
}
