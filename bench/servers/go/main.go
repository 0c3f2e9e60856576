// The flow that the bench's service begins, begun by a Go server: net/http, x/oauth2, and a place for pending flows.
//
//	server PORT securecookie | redis ADDRESS | postgresql URL
//
// BENCH_API_KEY is the credential that it takes, BENCH_REDIRECT_URI the one redirect URI that it allows.
package main

import (
	"log"
	"net/http"
	"os"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: server PORT securecookie | redis ADDRESS | postgresql URL")
	}
	pending, err := newPendingFlows(os.Args[2:])
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/v1/oauth/initiate", &initiate{
		pending: pending,
		key:     hashOf(os.Getenv("BENCH_API_KEY")),
		allowed: map[string]bool{os.Getenv("BENCH_REDIRECT_URI"): true},
	})
	mux.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	server := &http.Server{
		Addr:              "127.0.0.1:" + os.Args[1],
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       75 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}
