package plain

import (
	"os/exec"
	"testing"

	"pgregory.net/rapid"
)

// A shell takes the words for just these.
func TestShell(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z'" $;*\\`+"`"+`&|()<>!~#-]{1,12}`).Draw(t, "word")
		out, err := exec.Command(sh, "-c", "printf %s "+Shell("x"+word)).Output()
		if err != nil || string(out) != "x"+word {
			t.Fatalf("%q becomes %q: %v", "x"+word, out, err)
		}
	})
	for word, want := range map[string]string{"-x": "./-x", "": "''", "-": "-", "a b": "'a b'", "shop.vbn": "shop.vbn"} {
		if got := Shell(word); got != want {
			t.Errorf("%q becomes %s, want %s", word, got, want)
		}
	}
}
