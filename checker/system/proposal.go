package system

// Cut is a barrier between the start and Bad: in every run from the start to Bad, some literal of Choices is true or some rule of Rules
// is taken. A cut without either says that Bad cannot be reached at all.
//
// It is checked by closure: with every literal of Choices false and the rules of Rules off, the least fixpoint from the
// start (deletions ignored, other choices free) does not reach Bad.
type Cut struct {
	Choices []Lit   // choice literals, ascending
	Rules   []int32 // ascending
	Weight  int     // of a cut whose certificate is a sum; else 0
}

// Certificate proves that no run violates a question, in one of four ways. By cuts: each is a barrier, and no choices within MaxFailures together with
// a set of rules within Budget hit all of them. Or by an invariant, when there is one, or by states, when there are some, or by a split, when there is one.
//
// That what hits all cuts exceeds a limit is shown by a sum, where cuts have weights: what cuts weigh together, without what rules carry of it above what they cost at the least, is what every run
// costs at the least. Where there are Cases, it is shown by such sums case by case.
type Certificate struct {
	Cuts      []Cut
	Cases     []Case
	Invariant *Invariant
	States    *States
	Split     *Split
}

// Leaves goes through the certificates that a certificate is split into: itself, where it is not split.
func (c *Certificate) Leaves(yield func(*Certificate) bool) { c.leaves(yield) }

func (c *Certificate) leaves(yield func(*Certificate) bool) bool {
	if c.Split == nil {
		return yield(c)
	}
	return c.Split.Given.leaves(yield) && c.Split.Not.leaves(yield)
}

// Split proves a question by proofs of two that are smaller: in one a choice is given, in the other its complement. As choices are frozen, each run goes through under one of the two.
type Split struct {
	Choice     Lit
	Given, Not Certificate
}

// Case is a node of a proof by cases, a tree in preorder. A split goes on with the case that its item is hit, a choice that is true or a rule that is taken, and then with the case that it is not. A leaf
// gives weights to cuts.
type Case struct {
	Split   Lit      // a literal of a choice, or System.Taken of a rule; 0: a leaf
	Weights []Weight // ascending
}

// Weight is what a cut weighs in a case, in parts.
type Weight struct {
	Cut   int32
	Parts int
}

// Parts is how many parts a cost or a failure of one has in weights.
const Parts = 1 << 16

// Invariant is a conjunction of clauses and conservation laws that holds in every state of every run, and in no state where Bad does. It holds at the start,
// and no rule leads out of it. The literals of clauses are those of facts and choices, and System.Taken.
type Invariant struct {
	Clauses [][]Lit // each ascending
	Laws    []Law
}

// Law says that what is true weighs Total together, in every state. That one fact of several is true, exactly, is one where each weighs 1, and so is the total.
type Law struct {
	Of    []Mass // ascending by fact
	Total int
}

// Mass is what a fact weighs where it is true. It may be negative.
type Mass struct {
	Fact   int32
	Weight int
}

// States are a set of states that has every start, that no rule leads out of, and in none of which Bad is true. A state tells the values of some facts and choices;
// whatever else there is may be either way.
type States struct {
	Of   []Lit    // what is told: facts and choices, none negated, ascending
	Each []string // states, ascending: bit k%8 of byte k/8 is the value of Of[k], and what is left of the last byte is 0
}

// Sufficient is a set of decisions after which a question holds.
type Sufficient struct {
	Decisions []Lit // choice literals, ascending
	Proof     Certificate
}

// Proposal is what an engine claims of a question. Nothing in it is believed before package certify has checked it.
type Proposal struct {
	// Attacks are runs that reach Bad. The first is the one to show: of least cost, then of fewest steps, when Bound says so. Together with
	// Sufficient, the decisions that they rely on cover all decisions, unless Incomplete says otherwise.
	Attacks []Run
	// Sufficient are the minimal sets of decisions that make the question hold, in ascending order of size, then of literals.
	Sufficient []Sufficient
	// Holds proves the question when there are no attacks.
	Holds *Certificate
	// AtLeast is a proved lower bound on the cost of every attack, and Bound its proof (the question with budget AtLeast-1 holds); nil when AtLeast is 0.
	AtLeast int
	Bound   *Certificate
	// Incomplete says why the engine gave up; "" when it did not.
	Incomplete string
	// Depth says that no attack takes fewer steps, or where there are Attacks none that costs as little as the first. It is not proved; 0 says nothing.
	Depth int
}
