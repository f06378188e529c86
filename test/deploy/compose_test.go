package deploy_test

import (
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

type composeService struct {
	Build struct {
		Context string
		Args    map[string]string
	}
	Image     string
	Command   []string
	DependsOn map[string]struct{ Condition string } `yaml:"depends_on"`
	// Environment is given as a map.
	Environment     map[string]string
	Secrets         []string
	Ports           []string
	Volumes         []string
	Networks        []string
	Restart         string
	StopGracePeriod string   `yaml:"stop_grace_period"`
	ReadOnly        bool     `yaml:"read_only"`
	CapDrop         []string `yaml:"cap_drop"`
	SecurityOpt     []string `yaml:"security_opt"`
	MemLimit        string   `yaml:"mem_limit"`
	Healthcheck     struct {
		Test              []string
		Interval, Timeout string
		Retries           int
		StartPeriod       string `yaml:"start_period"`
	}
}

type composeFile struct {
	Name     string
	Services map[string]composeService
	Networks map[string]struct{ Internal bool }
	Volumes  map[string]struct{}
	Secrets  map[string]struct{ File string }
}

// isPinned reports whether an image has a tag that stays: a version, not a name that moves.
func isPinned(image string) bool {
	name := image[strings.LastIndexByte(image, '/')+1:]
	_, tag, found := strings.Cut(name, ":")
	return found && strings.Count(tag, ".") >= 1 && strings.ContainsAny(tag[:1], "0123456789")
}

func TestCompose(t *testing.T) {
	var file composeFile
	decoder := yaml.NewDecoder(strings.NewReader(text(t, "docs/deploy/compose.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	for name, s := range file.Services {
		if !isPinned(s.Image) {
			t.Errorf("%s: the image %q is not pinned", name, s.Image)
		}
		for _, secret := range s.Secrets {
			if file.Secrets[secret].File == "" {
				t.Errorf("%s: there is no secret %s", name, secret)
			}
		}
		for _, network := range s.Networks {
			if _, found := file.Networks[network]; !found {
				t.Errorf("%s: there is no network %s", name, network)
			}
		}
		for variable, value := range s.Environment {
			path, isSecret := strings.CutPrefix(value, "/run/secrets/")
			if isSecret && !strings.Contains(" "+strings.Join(s.Secrets, " ")+" ", " "+path+" ") {
				t.Errorf("%s: %s names the secret %s, which it is not given", name, variable, path)
			}
		}
		if s.Restart != "unless-stopped" {
			t.Errorf("%s: restart is %q", name, s.Restart)
		}
	}

	server, database := file.Services["omarty"], file.Services["mariadb"]
	config := loaded(t, server.Environment)
	for _, listens := range []string{config.HTTP.Address, config.Admin.Address} {
		if want := "127.0.0.1" + listens + listens; !strings.Contains(strings.Join(server.Ports, " "), want) {
			t.Errorf("the program listens on %s, and the ports are %v", listens, server.Ports)
		}
	}
	grace, err := time.ParseDuration(server.StopGracePeriod)
	if err != nil {
		t.Fatal(err)
	}
	wantPatience(t, "stop_grace_period", grace, config.HTTP)
	if !server.ReadOnly || len(server.CapDrop) != 1 || server.CapDrop[0] != "ALL" ||
		len(server.SecurityOpt) != 1 || server.SecurityOpt[0] != "no-new-privileges:true" || server.MemLimit == "" {
		t.Error("the server is not hardened")
	}
	if server.DependsOn["mariadb"].Condition != "service_healthy" || len(database.Healthcheck.Test) < 2 {
		t.Error("the server does not wait until the database is healthy")
	}
	if database.Environment["MARIADB_DATABASE"] != "omarty" || database.Environment["MARIADB_PASSWORD"] != "" {
		t.Error("the database's environment is wrong")
	}
	if len(database.Volumes) != 1 || !strings.HasSuffix(database.Volumes[0], ":/var/lib/mysql") || len(database.Ports) > 0 {
		t.Errorf("the database has volumes %v and ports %v", database.Volumes, database.Ports)
	}
	if !file.Networks["database"].Internal {
		t.Error("the database's network is not internal")
	}
}
