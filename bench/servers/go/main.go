// The flow that the bench's service begins, begun by a Go server: net/http, x/oauth2, and a place for pending flows.
//
//	server PORT securecookie | redis ADDRESS | postgresql URL
//	server PORT flows-postgresql URL TOKEN_URL
//	server PORT token-sqlite FILE | token-postgresql URL
//	server PORT connections-sqlite FILE TOKEN_URL ROWS | connections-postgresql URL TOKEN_URL ROWS
//	server import sqlite FILE ROWS | import postgresql URL ROWS
//	server PORT provider
//
// BENCH_API_KEY is the credential that it takes, BENCH_REDIRECT_URI the one redirect URI that it allows. The second form
// takes flows back, too, and ends them in a connection; the third hands out a connection's access token instead; the fourth
// lists, changes and refreshes the connections that the file ROWS has one a line, and the fifth imports these and ends; the
// last is a provider's token endpoint.
package main

import (
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: server PORT securecookie | redis ADDRESS | [token-]postgresql URL | token-sqlite FILE")
	}
	if len(os.Args) == 5 && os.Args[1] == "import" {
		imported, err := newConnections(os.Args[2], os.Args[3])
		if err == nil {
			err = imported.read(os.Args[4])
		}
		if err != nil {
			log.Fatal(err)
		}
		return
	}
	mux := http.NewServeMux()
	if len(os.Args) == 3 && os.Args[2] == "provider" {
		mux.HandleFunc("/token", grant)
	} else if len(os.Args) == 4 && strings.HasPrefix(os.Args[2], "token-") {
		tokens, err := newTokens(os.Args[2:])
		if err != nil {
			log.Fatal(err)
		}
		mux.Handle(tokenPrefix, tokens)
	} else if len(os.Args) == 6 && strings.HasPrefix(os.Args[2], "connections-") {
		stored, err := newConnections(strings.TrimPrefix(os.Args[2], "connections-"), os.Args[3])
		if err == nil {
			err = stored.read(os.Args[5])
		}
		if err != nil {
			log.Fatal(err)
		}
		stored.client = client
		stored.client.Endpoint.TokenURL = os.Args[4]
		mux.Handle(listPath, stored)
		mux.Handle(listPath+"/", stored)
		mux.Handle(refreshPath, stored)
	} else if len(os.Args) == 5 && os.Args[2] == "flows-postgresql" {
		pending, err := newPostgreSQLFlows(os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		client.Endpoint.TokenURL = os.Args[4]
		ends, err := newCallback(pending)
		if err != nil {
			log.Fatal(err)
		}
		handleInitiate(mux, pending, "bench")
		mux.Handle(callbackPrefix, ends)
	} else {
		pending, err := newPendingFlows(os.Args[2:])
		if err != nil {
			log.Fatal(err)
		}
		handleInitiate(mux, pending, "gmail")
	}
	mux.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	server := &http.Server{
		Addr:              "127.0.0.1:" + os.Args[1],
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       75 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}

func handleInitiate(mux *http.ServeMux, pending pendingFlows, integration string) {
	mux.Handle("/api/v1/oauth/initiate", &initiate{
		pending:     pending,
		key:         hashOf(os.Getenv("BENCH_API_KEY")),
		allowed:     map[string]bool{os.Getenv("BENCH_REDIRECT_URI"): true},
		integration: integration,
	})
}
