// Package telemetry shows operators what the register does: metrics for Prometheus, and traces for an OpenTelemetry
// collector. A trace has a span for the request, one for its use case, one for each call of the store and one for each SQL
// statement. The package wraps use cases and ports of package application, and knows nothing of what implements them.
//
// A method of a port is watched by a method of Store, a use case by Traced.
//
// Labels and spans name methods, routes, statuses, codes and statements. They never name who asked, from where, for what or
// with which values.
package telemetry
