// Package store keeps in a directory what checks have found, by the content of what they were asked: proposals to questions, and finished reports.
//
// Each entry is a file, whose name is the address of what it has. It is written beside and renamed, so several processes may use a directory at once, and one that is killed leaves whole entries or none. An entry
// says its address and its digest: what was cut off, changed or renamed is noticed when it is read, and dropped.
//
// Who can write into the directory may be anybody: a colleague, an earlier job of a pull request. So what an entry says counts for what can be checked of it.
//
//   - A proposal is nobody's word. It is judged like that of an engine before it counts (checker.Memory).
//   - A report is the word of whoever wrote it. It counts only with a code (HMAC-SHA256) by a key that is not in the directory: of this user on this machine ([OwnKey]), or one that the user names ([ReadKey]). Its address is
//     made with the key, too. Without the key there are no reports, and a check judges what proposals the store has.
//
// What was not used for longest goes when there is more than a limit.
//
// # Limitations
//
// Nothing is synced: after a crash of the machine entries may be broken, which is noticed. Whoever can write into the directory can empty it, and whoever can read it sees how large reports are, and what they say.
package store
