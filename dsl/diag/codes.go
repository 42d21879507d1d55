package diag

// CodeInfo says in one line what a code means.
type CodeInfo struct {
	Code    Code
	Meaning string
}

// Codes returns every code in ascending order. The table is the register: a code is added here once and never reused.
func Codes() []CodeInfo { return append([]CodeInfo(nil), codes...) }

var codes = []CodeInfo{
	// VAU0001–VAU0999: syntax of designs and formulas.
	{"VAU0001", "something else was expected here"},
	{"VAU0002", "a declaration begins with a word that the language does not have"},
	{"VAU0003", "a character has no meaning in the language"},
	{"VAU0004", "a string has no closing quote"},
	{"VAU0005", "a string has an escape that Go strings do not have"},
	{"VAU0006", "a block comment is not closed"},
	{"VAU0007", "the file is not UTF-8"},
	{"VAU0008", "the file contains a NUL byte"},
	{"VAU0009", "the file is larger than Vauban reads"},
	{"VAU0010", "declarations or formulas are nested too deeply"},
	{"VAU0011", "an integer does not fit into 64 bits"},
	{"VAU0012", "a closing brace is missing"},
	{"VAU0013", "a statement has nothing behind its keyword"},
	{"VAU0014", "comparisons cannot be chained"},
	{"VAU0015", "a waiver does not end at a date of the form YYYY-MM-DD"},
	{"VAU0016", "this kind of declaration cannot stand inside another"},
	{"VAU0017", "a part of a declaration is given twice"},
	{"VAU0018", "a requirement does not say what must hold"},
	{"VAU0019", "a name does not begin with a letter"},
	{"VAU0020", "the file has so many errors that the rest of it was not read"},
	{"VAU0021", "a formula has too many operands in a row"},
	{"VAU0022", "a name has letters that another name can look the same as"},
	{"VAU0023", "a text has characters that change the order in which it is read"},
	// VAU1000–VAU1999: models: names, kinds and types of a design.
	{"VAU1001", "`design` is missing, repeated or not first"},
	{"VAU1002", "a name is declared twice"},
	{"VAU1003", "nothing has this name"},
	{"VAU1004", "unknown kind, or under another root"},
	{"VAU1005", "unknown control, or not made for this"},
	{"VAU1006", "unknown protocol"},
	{"VAU1007", "a clause that does not belong here"},
	{"VAU1008", "an element of the wrong sort"},
	{"VAU1009", "zones or hosts form a circle"},
	{"VAU1010", "an invalid value of an attribute"},
	{"VAU1011", "not a credential"},
	{"VAU1012", "one name for several flows"},
	{"VAU1013", "beyond a limit of size"},
	{"VAU1014", "a variable with the name of something else"},
	{"VAU1015", "a term or formula of the wrong type"},
	{"VAU1016", "a wrong number of arguments"},
	{"VAU1017", "a define that uses itself"},
	{"VAU1018", "`none` where there is always a value"},
	{"VAU1019", "invalid details of an attacker"},
	{"VAU1020", "invalid details of a requirement"},
	{"VAU1021", "invalid details of a waiver"},
	{"VAU1022", "an empty or ill-formed domain, or a number that it never has"},
	{"VAU1023", "a value's table is not total, or not a table"},
	{"VAU1024", "an invalid message"},
	{"VAU1025", "a message sent or received by somebody else"},
	{"VAU1026", "an invalid effect of a step"},
	{"VAU1027", "something without any use"},
	{"VAU1028", "a start value that depends on the state"},
	{"VAU1029", "an effect of a threat that is not a fact"},
	{"VAU1030", "a variable of a process that gets two values at once, or starts outside its domain"},
	{"VAU1031", "a name that is a word of every formula"},
	{"VAU1032", "a part of the language that cannot be verified yet"},
	{"VAU1033", "one of many, where that is not said or cannot be meant"},

	// VAU2000–VAU2999: catalogues.
	{"VAU2001", "a file cannot be read"},
	{"VAU2002", "not YAML, or YAML that is not used here"},
	{"VAU2003", "an unknown or missing key"},
	{"VAU2004", "a value of the wrong shape"},
	{"VAU2005", "an unknown name in a catalogue"},
	{"VAU2006", "something declared twice, or with a word of the language"},
	{"VAU2007", "something that builds on itself: kinds, protocols, catalogues, included files"},
	{"VAU2008", "a variable of a threat without a use"},
	{"VAU2009", "an `unless` that can never be met, or a control that is not made for this"},
	{"VAU2010", "a surcharge that fits no variable, or several"},
	{"VAU2011", "a threat whose condition no threat or start can meet"},
	{"VAU2012", "a threat that another makes superfluous"},
	{"VAU2013", "a threat without references"},
	{"VAU2014", "a threat without a sentence for reports"},
	{"VAU2015", "a control that no threat mentions"},
	{"VAU2016", "a threat whose condition contradicts itself"},
	{"VAU2017", "a reference to an entry that its list does not have"},
	{"VAU2018", "a define that no threat uses"},
	{"VAU2020", "a control that helps an attacker, and the threat does not say so"},
	{"VAU2021", "a threat whose rules grow with the square of what shares an element"},

	// VAU3000–VAU3999: warnings of the verification.
	{"VAU3001", "a requirement holds because no threat or step in use could ever break it"},
	{"VAU3002", "a requirement holds because an assumption excludes the start"},
	{"VAU3003", "nothing leads on from where an attacker starts"},
	{"VAU3004", "a threat can never fire in this design"},
	{"VAU3005", "a waiver has expired"},
	{"VAU3006", "a waiver covers nothing"},
	{"VAU3007", "a step of a process can never be taken"},
	{"VAU3008", "a requirement holds because what it speaks of never happens"},

	// VAU4000–VAU4999: configuration.
	{"VAU4001", "a path or pattern of the configuration that makes no sense"},
	{"VAU4002", "a pattern of the configuration that no design matches"},
	{"VAU4003", "a file under a pattern of the configuration that nothing would check"},
	{"VAU4010", "a demand of an audit's policy that nothing can meet"},

	// VAU5000–VAU5999: imports.
	{"VAU5001", "a file of a shop that cannot be imported"},

	// VAU6000–VAU6999: logs.
	{"VAU6001", "a mapping of a log that does not fit the design"},
}
