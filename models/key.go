package models

import (
	"strconv"
	"strings"
)

// Key encodes literal arguments (integers, members, elements) as the key of a [ProcessValue]'s table.
func Key(args ...*Expr) string {
	var b strings.Builder
	for _, a := range args {
		switch a.Op {
		case OpInt:
			b.WriteString("i" + strconv.FormatInt(a.Int, 10))
		case OpMember:
			b.WriteString("m" + strconv.Itoa(a.Member.Index))
		case OpElement:
			b.WriteString("e" + strconv.Itoa(a.Element.ID))
		default:
			panic("vauban: internal error: a table is keyed by literals")
		}
		b.WriteByte(';')
	}
	return b.String()
}

// At returns the literal that the value has for literal arguments, or nil where an argument is outside its domain.
func (v *ProcessValue) At(args ...*Expr) *Expr {
	if v.All != nil {
		return v.All
	}
	return v.Table[Key(args...)]
}
