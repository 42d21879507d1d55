package circuit

import "github.com/vauban-verifier/vauban/checker/cdcl"

// Unrolling is a circuit in as many time frames as are asked for. The latches of the first frame have their initial values, and those of each
// other frame are what the one before makes of them.
type Unrolling struct {
	loader *Loader
	to     Sink
	yes    cdcl.Lit
	frames []*Frame
}

// Unroll returns an unrolling that loads nothing yet.
func Unroll(c *Circuit, to Sink) *Unrolling {
	u := &Unrolling{loader: NewLoader(c), to: to, yes: to.NewVar()}
	to.AddClause(u.yes)
	return u
}

// Frame returns time frame k.
func (u *Unrolling) Frame(k int) *Frame {
	for len(u.frames) <= k {
		var before *Frame
		if n := len(u.frames); n > 0 {
			before = u.frames[n-1]
		}
		u.frames = append(u.frames, u.loader.NewFrame(u.to, u.yes, func(n int32) cdcl.Lit {
			c := u.loader.c
			if c.Kind(n) == Input {
				return u.to.NewVar()
			}
			l := c.Latches[c.Index(n)]
			switch {
			case before != nil:
				return before.Lit(l.Next)
			case l.Init == Zero:
				return u.yes.Not()
			case l.Init == One:
				return u.yes
			}
			return u.to.NewVar()
		}))
	}
	return u.frames[k]
}
