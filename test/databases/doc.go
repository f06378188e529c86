// Package databases gives tests real servers of MariaDB and of MySQL: for each test process one of each that is asked for,
// started at the first call on a free port of 127.0.0.1 and in a temporary folder. It takes a second or two and nothing has
// to be ended: a server and its folder go when their process does, whether it returns, exits, panics, times out or is
// killed. A server that OMARTY_TEST_MYSQL_URL names takes the place of the shared MariaDB.
//
// Where an engine is not installed, its tests are skipped with a line that says what to install; where the environment
// variable CI is set, they fail.
package databases
