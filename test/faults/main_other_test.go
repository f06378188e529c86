//go:build !linux

package faults_test

func runUnderFilter() {}
