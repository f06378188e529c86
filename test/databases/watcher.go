package databases

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// A watcher is a shell that cleans up after this process. It reads pids from a pipe that only this process holds open;
// when the pipe ends, because end closes it or because the process is gone, in whatever way, it kills the last pid and
// removes the folder. Nothing inside the process could do so after a SIGKILL, and Linux's parent death signal would leave
// the folder and depend on which thread had started the server.
type watcher struct {
	shell *exec.Cmd
	pids  io.WriteCloser
}

// The shell outlives a Ctrl-C, and the removal is tried again should the dying server still write.
const watching = `
trap '' HUP INT QUIT TERM
pid=
while read -r line; do pid=$line; done
[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
for try in 1 2 3; do rm -rf "$1" && exit; sleep 1; done
exit 1`

// watch starts the watcher of a folder.
func watch(folder string) (*watcher, error) {
	shell := exec.Command("sh", "-c", watching, "sh", folder)
	pids, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	shell.Stderr = os.Stderr // with it open, go test waits for the removal
	if err := shell.Start(); err != nil {
		return nil, fmt.Errorf("cannot watch over the server: %w", err)
	}
	return &watcher{shell: shell, pids: pids}, nil
}

// remember names the process to kill.
func (w *watcher) remember(pid int) error {
	_, err := fmt.Fprintln(w.pids, pid)
	return err
}

// forget says that there is no process to kill.
func (w *watcher) forget() error {
	_, err := fmt.Fprintln(w.pids)
	return err
}

// end has the process killed and the folder removed, and returns when that is done.
func (w *watcher) end() error {
	return errors.Join(w.pids.Close(), w.shell.Wait())
}
