// Package explain says in the words of a design what a ruling of package judge means: the steps of an attack, what a proof rests on, whether a `holds` says
// anything, which threats were in question, and what of a model is never used.
//
// # Limitations
//
// No verdict depends on anything here: a mistake makes an explanation wrong and never a verdict. What is too large to be tried is taken to be needed.
package explain
