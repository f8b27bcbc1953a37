//go:build unix

package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// Limits of messages.
const (
	maxRequest  = 64 << 20 // evidence that a question carries can be large
	maxResponse = 64 << 20
)

// wire is one end of the connection between parent and child: messages of a length and two parts, JSON and
// bytes; with a question goes the descriptor of the file.
type wire struct{ conn *net.UnixConn }

// newWire takes over a descriptor.
func newWire(f *os.File) (wire, error) {
	c, err := net.FileConn(f)
	_ = f.Close() // FileConn made its own
	if err != nil {
		return wire{}, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		_ = c.Close()
		return wire{}, errors.New("not a unix socket")
	}
	return wire{u}, nil
}

// wirePair makes both ends: ours, and the one that the child inherits.
func wirePair() (wire, *os.File, error) {
	fds, err := socketPair()
	if err != nil {
		return wire{}, nil, fmt.Errorf("make socket pair: %w", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "child")
	ours, err := newWire(os.NewFile(uintptr(fds[0]), "parent"))
	if err != nil {
		_ = theirs.Close()
		return wire{}, nil, err
	}
	return ours, theirs, nil
}

// send writes a message; file may be nil.
func (w wire) send(text, blob []byte, file *os.File) error {
	var head [8]byte
	binary.BigEndian.PutUint32(head[:4], uint32(len(text)))
	binary.BigEndian.PutUint32(head[4:], uint32(len(blob)))
	var rights []byte
	if file != nil {
		rights = unix.UnixRights(int(file.Fd()))
	}
	if _, _, err := w.conn.WriteMsgUnix(head[:], rights, nil); err != nil {
		return err
	}
	buffers := net.Buffers{text, blob}
	_, err := buffers.WriteTo(w.conn)
	return err
}

// receive reads a message of at most max bytes; file is nil when none came with it.
func (w wire) receive(max int) (text, blob []byte, file *os.File, err error) {
	var head [8]byte
	rights := make([]byte, unix.CmsgSpace(4))
	n, got, _, _, err := w.conn.ReadMsgUnix(head[:], rights)
	if err == nil && n == 0 {
		err = io.EOF
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if file, err = descriptor(rights[:got]); err != nil {
		return nil, nil, nil, err
	}
	fail := func(err error) ([]byte, []byte, *os.File, error) {
		if file != nil {
			_ = file.Close()
		}
		return nil, nil, nil, err
	}
	if _, err := io.ReadFull(w.conn, head[n:]); err != nil {
		return fail(err)
	}
	a, b := int64(binary.BigEndian.Uint32(head[:4])), int64(binary.BigEndian.Uint32(head[4:]))
	if a+b > int64(max) {
		return fail(fmt.Errorf("message of %d bytes is too long", a+b))
	}
	both := make([]byte, a+b)
	if _, err := io.ReadFull(w.conn, both); err != nil {
		return fail(err)
	}
	return both[:a], both[a:], file, nil
}

// descriptor takes the file out of a control message.
func descriptor(rights []byte) (*os.File, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("control message: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, fmt.Errorf("descriptors: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "document"), nil
}
