// Package linearizability has many clients change and read the same blocks at once through servers that are killed, and checks that
// one order of all changes, the ledger's, explains every answer that they had.
//
// A Call is what a client asked and was told, and when. Kept is what the database holds at the end. Check replays the ledger and
// says what is wrong with either. Linearizability is local, so that each block is checked by itself (Herlihy and Wing,
// Linearizability, 1990).
//
// The servers are processes of the test binary itself (Serve), each of which has a store of its own.
package linearizability
