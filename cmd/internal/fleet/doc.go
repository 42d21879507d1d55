// Package fleet has questions to engines answered by workers on other processes and machines, over NATS JetStream.
//
// A question goes to a stream that is a work queue, under the digest of the program, its urgency and its key; a worker of the same program takes it, tells every so often that it still works on it, and puts its answer
// into a second stream under the key, where it stays for a while for whoever asks the same. Whoever asks listens there.
//
//   - A worker that dies or hangs up is silent; after [ackWait] another one gets the question. One that is told to stop ends what it is at, or gives it back.
//   - A question that was given out [maxTries] times without an answer is given up, since it may be what kills workers. Whoever asked answers it alone, as if there were no fleet.
//   - A server that is gone is waited for, for a while; a question that it has lost is asked again. Then, too, whoever asked answers alone.
//   - A worker of another program listens to other subjects. Where there is none of the same, nothing is asked.
//   - A question that is so hard that it is split is asked by its worker in parts, which come before other questions. While its parts are out, another slot works in the place of the one that waits ([parts]), so a worker that is alone answers them itself. A
//     worker that dies over a part is one of the above; one that dies over the question is, too, and its successor finds the parts that were answered by then.
//   - An answer is a proposal: nobody believes it (see checker.Memory). An answer that is late, twice there, or to another question is not heard, or refused by the judge.
//
// Questions and answers have no names in them, only numbers. What is larger than a message may be lies in an object store beside the streams.
//
// [Embedded] is a server in this process on the loopback interface, with a password that is made up, and workers in processes of their own.
//
// # Limitations
//
// Programs are the same if their files are: workers on another kind of machine are of another program. Anybody with credentials to ask can keep workers busy, or have what is no answer kept for
// others; whoever has credentials to answer can be of no help. Then processes answer alone, and say so; neither can change a verdict. That no attack with the least cost takes fewer steps is proved by nobody: there
// a worker's word counts as an engine's does.
//
// What an engine gives up is tried again by whoever asked, since nothing can check that a search was long. So a fleet is of no use for questions that are too hard in parts, too. That a part was given up is taken from a worker
// by another one, since it costs no more than that; and where it says that laws are to be looked for, they are. One that lies about this, or has another proof that is right, makes a report with other bytes, and the same verdict. A worker may be at one question more than it has slots, where the parts of one came back while another slot was in its place.
package fleet
