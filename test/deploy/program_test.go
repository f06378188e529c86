package deploy_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// program builds the program, once for all tests.
var program = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(built, "omarty")
	build := exec.Command("go", "build", "-o", path, "./cmd/omarty")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, output)
	}
	return path, nil
})

// scrape returns what the program, with all that it can tell, answers to Prometheus before its first request.
func scrape(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(path, "serve")
	server.Dir = t.TempDir()
	server.Env = []string{"OMARTY_HTTP_ADDRESS=127.0.0.1:0", "OMARTY_ADMIN_ADDRESS=127.0.0.1:0", "OMARTY_ADMIN_BACKUP_FOLDER=.",
		"OMARTY_AUTH_HS256_SECRET=" + strings.Repeat("s", 32)}
	log, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	address := regexp.MustCompile(`msg="serving operators" address=(\S+)`)
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		found := address.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		go func() { _, _ = io.Copy(io.Discard, log) }() // until it ends
		response, err := http.Get("http://" + found[1] + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		page, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("HTTP %d, %v", response.StatusCode, err)
		}
		return string(page)
	}
	t.Fatal("the program does not serve")
	return ""
}
