// Package mariadb gives tests a real MariaDB server: the one that OMARTY_TEST_MYSQL_URL names, else a private one for
// each test process, started at the first call on a free port of 127.0.0.1 and in a temporary folder. It takes less than
// a second and nothing has to be ended: a server and its folder go when their process does, whether it returns, exits,
// panics, times out or is killed.
//
// Where no server is installed, tests are skipped with a line that says what to install; where the environment variable
// CI is set, they fail.
package mariadb
