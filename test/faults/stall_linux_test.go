package faults_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"omarty.net/registry/domain"
	"omarty.net/registry/test/history"
)

// A disk that stalls is a sync that does not return. The kernel's filter of system calls hands each sync of the program to
// this process (seccomp_unotify(2)), which lets it go on at once, or later. No right is needed for that.

// filtered in the environment makes this program one that installs the filter, sends what its calls are received from over
// its descriptor 3, and becomes the program that its arguments name.
const filtered = "OMARTY_FAULTS_FILTERED=1"

// runUnderFilter does not return in such a program.
func runUnderFilter() {
	if os.Getenv("OMARTY_FAULTS_FILTERED") != "1" {
		return
	}
	runtime.LockOSThread() // the filter is the thread's
	listener, err := filterSyncs()
	said := "ok"
	var rights []byte
	if err != nil {
		said = err.Error()
	} else {
		rights = unix.UnixRights(listener)
	}
	if err := unix.Sendmsg(3, []byte(said), rights, nil, 0); err != nil {
		fmt.Fprintln(os.Stderr, "send the listener:", err)
		os.Exit(1)
	}
	unix.CloseOnExec(3)
	fmt.Fprintln(os.Stderr, unix.Exec(os.Args[1], os.Args[1:], os.Environ()))
	os.Exit(1)
}

func filterSyncs() (listener int, err error) {
	notify := func(call uint32) []unix.SockFilter {
		return []unix.SockFilter{
			{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jf: 1},
			{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
		}
	}
	filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}} // the number of the call
	filter = append(filter, notify(unix.SYS_FSYNC)...)
	filter = append(filter, notify(unix.SYS_FDATASYNC)...)
	filter = append(filter, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 0, err
	}
	fprog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, failed := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&fprog)))
	if failed != 0 {
		return 0, fmt.Errorf("seccomp: %w", failed)
	}
	return int(fd), nil
}

// disk is what the syncs of a program wait for.
type disk struct {
	listener int

	mu      sync.Mutex
	stalled bool
	held    []uint64
	stuck   chan struct{} // has an element for each that is held
}

// stallingDisk serves an SQLite register on one that can be stalled. It skips t where the kernel does not let it.
func stallingDisk(t *testing.T, settings ...string) (a asker, path string, d *disk) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "socket")
	received := make(chan error, 1)
	d = &disk{stuck: make(chan struct{}, 1000)}
	go func() {
		defer unix.Close(pair[0])
		received <- d.receive(pair[0])
	}()
	folder := here.Temporary(t)
	t.Cleanup(d.resume)
	a, path = onDiskAs(t, folder, func(command *exec.Cmd) {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		command.Args = append([]string{self}, command.Args...)
		command.Path = self
		command.Env = append(command.Env, filtered)
		command.ExtraFiles = []*os.File{theirs}
	}, settings...)
	_ = theirs.Close()
	t.Cleanup(d.resume)
	if err := <-received; err != nil {
		t.Skipf("no system call can be held up here: %v", err)
	}
	return a, path, d
}

// receive receives the listener, and answers its calls until the program is gone.
func (d *disk) receive(socket int) error {
	said, rights := make([]byte, 200), make([]byte, unix.CmsgSpace(4))
	n, m, _, _, err := unix.Recvmsg(socket, said, rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return err
	}
	if m == 0 {
		return errors.New(string(said[:n]))
	}
	messages, err := unix.ParseSocketControlMessage(rights[:m])
	if err != nil {
		return err
	}
	descriptors, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return err
	}
	d.listener = descriptors[0]
	go d.answer()
	return nil
}

// notification and response are seccomp_notif and seccomp_notif_resp of linux/seccomp.h.
type notification struct {
	id         uint64
	pid, flags uint32
	call       int32
	arch       uint32
	pointer    uint64
	arguments  [6]uint64
}

type response struct {
	id    uint64
	value int64
	error int32
	flags uint32
}

func (d *disk) answer() {
	defer unix.Close(d.listener)
	for {
		ready := []unix.PollFd{{Fd: int32(d.listener), Events: unix.POLLIN}}
		if _, err := unix.Poll(ready, -1); err != nil && !errors.Is(err, unix.EINTR) || ready[0].Revents&unix.POLLHUP != 0 {
			return
		}
		var n notification
		if !d.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)) {
			continue // it was interrupted
		}
		d.mu.Lock()
		if d.stalled {
			d.held = append(d.held, n.id)
			d.stuck <- struct{}{}
		} else {
			d.goOn(n.id)
		}
		d.mu.Unlock()
	}
}

func (d *disk) goOn(id uint64) {
	r := response{id: id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	d.ioctl(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r)) // fails where the program is gone
}

func (d *disk) ioctl(request uintptr, argument unsafe.Pointer) bool {
	_, _, failed := unix.Syscall(unix.SYS_IOCTL, uintptr(d.listener), request, uintptr(argument))
	return failed == 0
}

func (d *disk) stall() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stalled = true
}

func (d *disk) resume() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stalled = false
	for _, id := range d.held {
		d.goOn(id)
	}
	d.held = nil
}

// TestDiskStallsInACommit is a disk that takes no more while registrations are written: each is answered at its deadline,
// its outcome unknown, and known when the disk is back.
func TestDiskStallsInACommit(t *testing.T) {
	for name, size := range map[string]string{"in batches": "64", "one by one": "1"} {
		t.Run(name, func(t *testing.T) {
			a, path, d := stallingDisk(t, append([]string{"OMARTY_DATABASE_BATCH_SIZE=" + size}, tight...)...)
			first := a.run.Load()
			for stalls := range 2 {
				from := 1000 * (stalls + 1)
				registerSome(a, from)
				d.stall()
				alone := numbered(from + 100)
				a.want(alone, alone.Key(), history.Unknown)
				<-d.stuck // in its commit
				var clients sync.WaitGroup
				for i := range users {
					clients.Go(func() { a.want(numbered(from+200+i), numbered(from+200+i).Key(), history.Unknown) })
				}
				clients.Wait()
				// What it only has to read it still knows.
				a.want(history.Operation{User: firstUser + domain.UserID(users), Block: block, Floor: 1, Number: 1}, "", history.Refused)
				a.wantRunning(first)
				d.resume()
				if !a.recover(alone, alone.Key()) {
					t.Error("what was committed when the disk was back is not replayed")
				}
				for i := range users {
					a.recover(numbered(from+200+i), numbered(from+200+i).Key())
				}
			}
			judgeFile(t, a, path, "disk stalled")
		})
	}
}
