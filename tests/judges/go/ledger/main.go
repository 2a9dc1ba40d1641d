// Go's transparency logs (golang.org/x/mod/sumdb) as a judge of Kho's ledger: no code of Kho's takes part.
//
//	judge KEY ledger FOLDER           a ledger as it lies in a vault; stdin: digests of the acts beyond its full bundles
//	judge KEY inclusion PROOF ACT     a .tlog-proof file for the act with this SHA-256
//	judge KEY consistency OLD NEW     two checkpoint files; stdin: the proof's hashes
//
// KEY is a note verifier key, or several with commas between: a ledger may change its key. Digests are in hexadecimal, hashes in base64, one a line. The answer is one JSON object:
// `fault` is why it is refused, "" where nothing is wrong; `origin` and `sizes` say what the checkpoints state. What
// cannot be judged at all (a key that is none, a file that cannot be read) gets no answer and an exit code.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type answer struct {
	Fault  string  `json:"fault"`
	Origin string  `json:"origin"`
	Sizes  []int64 `json:"sizes"`
}

// head is what a checkpoint states (C2SP tlog-checkpoint).
type head struct {
	origin string
	tree   tlog.Tree
}

func main() {
	if len(os.Args) < 4 {
		stop(errors.New("usage: judge KEY ledger FOLDER | inclusion PROOF ACT | consistency OLD NEW"))
	}
	keys, err := verifiers(os.Args[1])
	if err != nil {
		stop(err)
	}
	heads, err := judge(keys, os.Args[2], os.Args[3:])
	if unreadable := new(os.PathError); errors.As(err, &unreadable) {
		stop(err)
	}
	said := answer{Sizes: []int64{}}
	if err != nil {
		said.Fault = err.Error()
	}
	for _, one := range heads {
		said.Origin = one.origin
		said.Sizes = append(said.Sizes, one.tree.N)
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		stop(err)
	}
}

func verifiers(texts string) (note.Verifiers, error) {
	var found []note.Verifier
	for _, text := range strings.Split(texts, ",") {
		key, err := note.NewVerifier(text)
		if err != nil {
			return nil, err
		}
		found = append(found, key)
	}
	return note.VerifierList(found...), nil
}

func stop(why error) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(2)
}

func judge(keys note.Verifiers, question string, given []string) ([]head, error) {
	switch {
	case question == "ledger" && len(given) == 1:
		return judgeLedger(keys, given[0], lines())
	case question == "inclusion" && len(given) == 2:
		return judgeInclusion(keys, given[0], given[1])
	case question == "consistency" && len(given) == 2:
		return judgeConsistency(keys, given[0], given[1], lines())
	}
	stop(errors.New("no such question: " + question))
	return nil, nil
}

// judgeInclusion follows a C2SP tlog-proof from an act to the root that the ledger's key signed.
func judgeInclusion(keys note.Verifiers, file, act string) ([]head, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	upper, checkpoint, _ := strings.Cut(string(text), "\n\n")
	proof := strings.Split(upper, "\n")
	if len(proof) < 2 || proof[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(proof[1], "index ") {
		return nil, errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(proof[1], "index "), 10, 64)
	if err != nil {
		return nil, err
	}
	path, err := hashes(proof[2:])
	if err != nil {
		return nil, err
	}
	stated, err := openCheckpoint([]byte(checkpoint), keys)
	if err != nil {
		return nil, err
	}
	data, err := entry(act)
	if err != nil {
		return nil, err
	}
	leaf := tlog.RecordHash(data)
	return []head{stated}, tlog.CheckRecord(path, stated.tree.N, stated.tree.Hash, index, leaf)
}

// judgeConsistency follows a proof that the older checkpoint's tree is a prefix of the newer one's.
func judgeConsistency(keys note.Verifiers, older, newer string, proof []string) ([]head, error) {
	var heads []head
	for _, file := range []string{older, newer} {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		stated, err := openCheckpoint(text, keys)
		if err != nil {
			return nil, err
		}
		heads = append(heads, stated)
	}
	path, err := hashes(proof)
	if err != nil {
		return nil, err
	}
	return heads, consistent(heads[0], heads[1], path)
}

func consistent(older, newer head, proof []tlog.Hash) error {
	if older.origin != newer.origin {
		return errors.New("the checkpoints are of two ledgers")
	}
	return tlog.CheckTree(proof, newer.tree.N, newer.tree.Hash, older.tree.N, older.tree.Hash)
}

// openCheckpoint returns what a checkpoint states once its signature has been checked.
func openCheckpoint(text []byte, keys note.Verifiers) (head, error) {
	opened, err := note.Open(text, keys)
	if err != nil {
		return head{}, err
	}
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	// Go's own log has this fixed origin; the lines after it are the same in every log.
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	if err != nil {
		return head{}, err
	}
	if strings.Count(rest, "\n") != 2 || len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 0 {
		return head{}, errors.New("the checkpoint has more lines or signatures than ours have")
	}
	return head{origin, tree}, nil
}

// entry returns an act's entry in the ledger.
func entry(act string) ([]byte, error) {
	digest, err := hex.DecodeString(act)
	if err != nil || len(digest) != 32 {
		return nil, errors.New("not an act's SHA-256: " + act)
	}
	return append([]byte("kho-act/1\n"), digest...), nil
}

func hashes(texts []string) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(texts))
	for at, text := range texts {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		found[at] = hash
	}
	return found, nil
}

func lines() []string {
	var found []string
	for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
		found = append(found, scanner.Text())
	}
	return found
}
