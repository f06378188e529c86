package deploy_test

import (
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"omarty.net/registry/configs"
)

// instructions returns a Dockerfile's, each with what follows it, lines that end in \ joined.
func instructions(content string) (all [][2]string) {
	content = regexp.MustCompile(`\\\n\s*`).ReplaceAllString(content, "")
	for line := range strings.Lines(content) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			name, rest, _ := strings.Cut(line, " ")
			all = append(all, [2]string{name, rest})
		}
	}
	return all
}

func TestDockerfile(t *testing.T) {
	var stages []string
	last := map[string][]string{} // of the last stage
	var build []string
	for _, i := range instructions(text(t, "Dockerfile")) {
		switch name, rest := i[0], i[1]; name {
		case "FROM":
			image, _, _ := strings.Cut(rest, " ")
			if image != "scratch" && !isPinned(image) {
				t.Errorf("the image %s is not pinned", image)
			}
			stages, last = append(stages, image), map[string][]string{}
		case "RUN":
			build = append(build, rest)
			last[name] = append(last[name], rest)
		case "ADD":
			t.Error("ADD fetches and unpacks: use COPY")
		default:
			last[name] = append(last[name], rest)
		}
	}
	if len(stages) != 2 || stages[1] != "scratch" || len(last["RUN"]) > 0 {
		t.Fatalf("the stages are %v, and the last one runs %q", stages, last["RUN"])
	}
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(text(t, "go.mod"))[1]
	if stages[0] != "golang:"+goVersion {
		t.Errorf("it builds on %s, and go.mod wants %s", stages[0], goVersion)
	}
	for _, want := range []string{"CGO_ENABLED=0", "-X main.version=${VERSION}", "-X main.commit=${COMMIT}", "./cmd/omarty"} {
		if !strings.Contains(strings.Join(build, "\n"), want) {
			t.Errorf("the build is without %s", want)
		}
	}
	if user := last["USER"]; len(user) != 1 || !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user[0]) {
		t.Errorf("USER %v is not numeric and other than root", user)
	} else if !slices.Contains(last["COPY"], "--from=build --chown="+user[0]+" /out/data /data") {
		t.Errorf("/data does not belong to %s", user[0])
	}
	if !slices.Contains(last["COPY"], "--from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt") {
		t.Error("the CA certificates are missing")
	}
	config := loaded(t, map[string]string{
		"OMARTY_HTTP_ADDRESS":      strings.TrimPrefix(last["ENV"][0], "OMARTY_HTTP_ADDRESS="),
		"OMARTY_AUTH_HS256_SECRET": strings.Repeat("s", 32),
	})
	for name, want := range map[string]string{
		"ENV":        "OMARTY_HTTP_ADDRESS=:8080",
		"EXPOSE":     strings.TrimPrefix(config.HTTP.Address, ":"),
		"WORKDIR":    "/data",
		"VOLUME":     "/data",
		"STOPSIGNAL": "SIGTERM",
		"ENTRYPOINT": `["/omarty"]`,
		"CMD":        `["serve"]`,
	} {
		if got := last[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s %v, want %s", name, got, want)
		}
	}
	if url := config.Database.URL.Reveal(); url != "sqlite://omarty.db" {
		t.Errorf("the register is in %s, not in the volume", url)
	}
	if check := last["HEALTHCHECK"]; len(check) != 1 || !strings.HasSuffix(check[0], ` CMD ["/omarty", "health"]`) {
		t.Errorf("HEALTHCHECK %v", check)
	}
}

// The build's context has every folder that the program is built from, and no file beside.
func TestDockerignore(t *testing.T) {
	var kept []string
	lines := strings.Fields(regexp.MustCompile(`(?m)^#.*$`).ReplaceAllString(text(t, ".dockerignore"), ""))
	if lines[0] != "*" {
		t.Errorf("it begins with %s, and not by leaving everything out", lines[0])
	}
	for _, line := range lines {
		if name, keeps := strings.CutPrefix(line, "!"); keeps {
			kept = append(kept, name)
		}
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if .Main}}{{$.ImportPath}}{{end}}{{end}}", "./cmd/omarty")
	list.Dir = root
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	needed := []string{"go.mod", "go.sum"}
	for imported := range strings.FieldsSeq(string(output)) {
		inside := strings.TrimPrefix(imported, "omarty.net/registry/")
		top, _, _ := strings.Cut(path.Clean(inside), "/")
		if !slices.Contains(needed, top) {
			needed = append(needed, top)
		}
	}
	slices.Sort(needed)
	slices.Sort(kept)
	if !slices.Equal(kept, needed) {
		t.Errorf("it keeps %v, and the program needs %v", kept, needed)
	}
}

// The image's own settings must not stand in the way of those that are given: a URL of its own would, where a file has one.
func TestImageTakesURLFromFile(t *testing.T) {
	for _, i := range instructions(text(t, "Dockerfile")) {
		if i[0] == "ENV" && strings.Contains(i[1], "OMARTY_DATABASE_URL") {
			t.Errorf("ENV %s: %s could not be set as well", i[1], "OMARTY_DATABASE_URL_FILE")
		}
	}
	if _, err := configs.Load("", []string{"OMARTY_DATABASE_URL=memory:", "OMARTY_DATABASE_URL_FILE=/x"}); err == nil {
		t.Error("both may be set: this test has lost its reason")
	}
}
