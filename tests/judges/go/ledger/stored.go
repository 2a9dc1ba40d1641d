// The ledger as it lies in a vault: full tiles, full entry bundles, checkpoints, and nothing else.

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8 // levels of the tree in one tile
	width  = 1 << height
	bundle = -1 // the level of entry bundles, in tlog's tiles
)

// judgeLedger computes the tree anew from the entries and holds every tile and checkpoint in the folder against it.
func judgeLedger(keys note.Verifiers, folder string, rest []string) ([]head, error) {
	files, err := read(folder)
	if err != nil {
		return nil, err
	}
	entries, err := entries(files, rest)
	if err != nil {
		return nil, err
	}
	tree, err := grow(entries)
	if err != nil {
		return nil, err
	}
	if err := checkTiles(files, tree, int64(len(entries))); err != nil {
		return nil, err
	}
	heads, err := checkpoints(files, keys)
	if err != nil {
		return nil, err
	}
	if len(files) != 0 {
		return heads, fmt.Errorf("files that no ledger has: %v", sortedNames(files))
	}
	return heads, checkHeads(heads, tree, int64(len(entries)))
}

// read returns the folder's files by name; each judge takes out what it has judged.
func read(folder string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.Walk(folder, func(path string, about os.FileInfo, err error) error {
		if err != nil || about.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	return files, err
}

// name returns a tile's name in C2SP tlog-tiles, which says neither the height nor "data".
func name(tile tlog.Tile) string {
	return strings.Replace(strings.TrimPrefix(tile.Path(), "tile/8/"), "data/", "entries/", 1)
}

// entries returns every entry: those of the full bundles, then those of the acts in rest.
func entries(files map[string][]byte, rest []string) ([][]byte, error) {
	var found [][]byte
	for number := int64(0); ; number++ {
		at := "tile/" + name(tlog.Tile{H: height, L: bundle, N: number, W: width})
		data, there := files[at]
		if !there {
			break
		}
		delete(files, at)
		parsed, err := parseBundle(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		found = append(found, parsed...)
	}
	if len(rest) >= width {
		return nil, errors.New("an entry bundle is missing")
	}
	for _, act := range rest {
		one, err := entry(act)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// parseBundle reads a full bundle: each entry behind its length as a big-endian uint16.
func parseBundle(data []byte) ([][]byte, error) {
	var found [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("the bundle is cut")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		found, data = append(found, data[2:end]), data[end:]
	}
	if len(found) != width {
		return nil, fmt.Errorf("it has %d entries", len(found))
	}
	return found, nil
}

// grow returns a reader of the tree's hashes.
func grow(entries [][]byte) (tlog.HashReader, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			found[at] = stored[index]
		}
		return found, nil
	})
	for index, entry := range entries {
		grown, err := tlog.StoredHashes(int64(index), entry, reader)
		if err != nil {
			return nil, err
		}
		stored = append(stored, grown...)
	}
	return reader, nil
}

// checkTiles asks for every full tile of a tree of this size, byte for byte.
func checkTiles(files map[string][]byte, tree tlog.HashReader, size int64) error {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if tile.W != width {
			continue
		}
		data, err := tlog.ReadTileData(tile, tree)
		if err != nil {
			return err
		}
		at := "tile/" + name(tile)
		if !bytes.Equal(files[at], data) {
			return fmt.Errorf("%s is missing or not what the entries give", at)
		}
		delete(files, at)
	}
	return nil
}

// checkpoints opens them all, ordered by size; a name is `checkpoint/{size}-{sha256}`.
func checkpoints(files map[string][]byte, keys note.Verifiers) ([]head, error) {
	var heads []head
	for _, at := range sortedNames(files) {
		if !strings.HasPrefix(at, "checkpoint/") {
			continue
		}
		stated, err := openCheckpoint(files[at], keys)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		if at != fmt.Sprintf("checkpoint/%d-%x", stated.tree.N, sha256.Sum256(files[at])) {
			return nil, fmt.Errorf("%s: its name is another's", at)
		}
		delete(files, at)
		heads = append(heads, stated)
	}
	sort.Slice(heads, func(one, other int) bool { return heads[one].tree.N < heads[other].tree.N })
	return heads, nil
}

// checkHeads holds each signed root against the tree, and each against the next by a proof of consistency.
func checkHeads(heads []head, tree tlog.HashReader, size int64) error {
	if len(heads) == 0 || heads[len(heads)-1].tree.N != size {
		return fmt.Errorf("no checkpoint is of the %d entries", size)
	}
	for at, one := range heads {
		root, err := tlog.TreeHash(one.tree.N, tree)
		if err != nil {
			return err
		}
		if root != one.tree.Hash {
			return fmt.Errorf("the root at %d is not what the entries give", one.tree.N)
		}
		if at == 0 {
			continue
		}
		proof, err := tlog.ProveTree(one.tree.N, heads[at-1].tree.N, tree)
		if err != nil {
			return err
		}
		if err := consistent(heads[at-1], one, proof); err != nil {
			return err
		}
	}
	return nil
}

func sortedNames(files map[string][]byte) []string {
	var found []string
	for at := range files {
		found = append(found, at)
	}
	sort.Strings(found)
	return found
}
