package cluster_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"omarty.net/registry/test/tables"
)

// haproxy starts HAProxy before the nodes, with the configuration that docs/deploy has, and returns the URL of the register
// through it. It ends with t.
func (f *field) haproxy(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("haproxy")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/haproxy")
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("apt-get install haproxy: ", err)
	}
	address, config := f.haproxyConfig(t)
	path := filepath.Join(here.Temporary(t), "haproxy.cfg")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-db", "-f", path)
	var output strings.Builder
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := here.Started(command.Process.Pid); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = here.Ended(command.Process.Pid)
		if t.Failed() {
			t.Log(output.String())
		}
	})
	u, err := url.Parse(f.url(0))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = address
	db := tables.Open(t, u.String())
	db.SetMaxIdleConns(0)
	// Until it has checked a node once, HAProxy takes it for one that may be written to.
	for writable, begun := 0, time.Now(); writable < 2*len(f.cluster.Nodes); {
		var readOnly bool
		if err := db.QueryRowContext(t.Context(), "SELECT @@GLOBAL.read_only").Scan(&readOnly); err == nil && !readOnly {
			writable++
			continue
		}
		if time.Since(begun) > patience {
			t.Fatalf("nothing that may be written to is behind HAProxy:\n%s", output.String())
		}
		writable = 0
		time.Sleep(20 * time.Millisecond)
	}
	return u.String()
}

// haproxyConfig returns the part of the configuration that is for this cluster, with its addresses, and the one it listens at.
func (f *field) haproxyConfig(t *testing.T) (address, config string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "deploy", "haproxy.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "\nlisten ")
	section := ""
	for part := range strings.SplitSeq(rest, "\nlisten ") {
		if name, _, _ := strings.Cut(part, "\n"); strings.HasPrefix(strings.ToLower(f.cluster.Name), name) {
			section = part
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	section = regexp.MustCompile(`bind \S+`).ReplaceAllString(section, "bind "+address)
	for i, node := range f.cluster.Nodes {
		u, err := url.Parse(node.URL())
		if err != nil {
			t.Fatal(err)
		}
		server := fmt.Sprintf("server node%d ", i+1)
		section = regexp.MustCompile(server+`\S+`).ReplaceAllString(section, server+u.Host)
	}
	writer := f.writer()
	for _, statement := range append([]string{"CREATE USER IF NOT EXISTS haproxy@'127.0.0.1'"}, f.cluster.HAProxyGrants()...) {
		if err := f.cluster.Nodes[writer].Execute(statement); err != nil {
			t.Fatal(err)
		}
	}
	return address, head + "\nlisten " + section + "\n"
}
