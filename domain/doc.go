// Package domain is the register of residential blocks and their apartments, as rules alone: what blocks, apartments and
// memberships are, who may do what, what a change makes of an apartment, and what a refusal is. It imports nothing but the
// standard library, keeps nothing and has no clock.
//
// Values are built by constructors that check them, so a value that exists is a valid one; the zero value of each type
// says that there is none. New... makes a value and applies today's rules, Restore... reloads one that a store kept and
// checks its structure alone, Parse... reads text.
//
// Whoever writes makes a ChangeSet, one or more changes to the apartments of one block. BlockState.Apply says what it
// makes of the block, or refuses it as a whole with every change that cannot be made. Applied.Entries are what the ledger
// keeps of it; ChangeSet.Replay answers a set that is asked for again from there, and Undo makes the changes that take it back.
// Can and Authorize say who may, and a Layout describes a block as people do.
//
// A refusal is a Code, or wraps one: ask by errors.Is for a code, such as NumberTaken, or for its kind, such as Taken.
//
// The rules are those of the wire contract, docs/wire-contract.md, and of the REST API.
package domain
