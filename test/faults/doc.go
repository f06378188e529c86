// Package faults has a proxy that cuts the connections between the program and its database at chosen statements.
//
// The tests start the real program, over real HTTP, on SQLite, MariaDB and MySQL, and kill it, kill the server, cut what is
// between them, fill the disk, take its files' writability away, and have hostile clients flood it. They are short; with
// OMARTY_SOAK=1 the ones that kill go on for OMARTY_SOAK_ROUNDS rounds, 10 where it is not set. OMARTY_FAULTS_PROGRAM names
// another program to run them on. The last thing printed is a table of what happened.
package faults
