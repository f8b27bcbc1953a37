package signfile

import (
	"context"
	"errors"
	"hash"
	"io"
	"os"
)

// Copying goes in blocks, so that memory stays the same whatever the size of the file.
const (
	blockSize = 512 << 10
	blocks    = 4 // one is read or written while the others are hashed
)

// block is a part of the file on its way.
type block struct {
	data   []byte
	hashed chan struct{}
}

// copyHashed copies size bytes from src to dst and hashes them meanwhile.
func copyHashed(ctx context.Context, dst, src *os.File, h hash.Hash, size int64) error {
	todo := make(chan *block, blocks)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for b := range todo {
			h.Write(b.data)
			b.hashed <- struct{}{}
		}
	}()
	err := feed(ctx, dst, src, size, todo)
	close(todo)
	<-ended
	return err
}

func feed(ctx context.Context, dst, src *os.File, size int64, todo chan<- *block) error {
	var ring [blocks]*block
	for i, done := 0, int64(0); done < size; i++ {
		b := ring[i%blocks]
		if b == nil {
			b = &block{data: make([]byte, min(blockSize, size)), hashed: make(chan struct{}, 1)}
			ring[i%blocks] = b
		} else {
			<-b.hashed
		}
		b.data = b.data[:min(size-done, int64(cap(b.data)))]
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := src.ReadAt(b.data, done); err != nil {
			if errors.Is(err, io.EOF) {
				return ErrChanged
			}
			return err
		}
		todo <- b
		if _, err := dst.WriteAt(b.data, done); err != nil {
			return err
		}
		writeBack(dst, done, int64(len(b.data)))
		done += int64(len(b.data))
	}
	return nil
}
