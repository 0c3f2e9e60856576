package main

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const callbackPrefix = "/api/v1/oauth/callback/"

// Ends a flow: its row is taken out of PostgreSQL, the code is exchanged, and the connection is a row, sealed by AES-256-GCM.
type callback struct {
	pending postgreSQLFlows
	insert  *sql.Stmt
	sealer  cipher.AEAD
}

func newCallback(pending postgreSQLFlows) (*callback, error) {
	_, err := pending.database.Exec(`CREATE TABLE bench_flow_connections (
		id text PRIMARY KEY NOT NULL, workspace text NOT NULL, integration text NOT NULL, status text NOT NULL,
		scopes_requested text NOT NULL, scopes_granted text NOT NULL, sealed bytea NOT NULL,
		created_at timestamptz NOT NULL DEFAULT now())`)
	if err != nil {
		return nil, err
	}
	insert, err := pending.database.Prepare(`INSERT INTO bench_flow_connections
		(id, workspace, integration, status, scopes_requested, scopes_granted, sealed)
		VALUES ($1, $2, $3, 'active', $4, $5, $6)`)
	if err != nil {
		return nil, err
	}
	sealer, err := newSealer()
	return &callback{pending, insert, sealer}, err
}

func (c *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	flow, err := c.pending.take(r.Context(), query.Get("state"))
	if err != nil {
		http.Error(w, "bad state", http.StatusBadRequest)
		return
	}
	// What was begun is brought to its end, even if the browser goes away.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	token, err := client.Exchange(ctx, query.Get("code"), oauth2.SetAuthURLParam("code_verifier", flow.Verifier))
	if err != nil {
		redirect(w, flow.RedirectURI, url.Values{"status": {"error"}, "error": {"exchange_failed"}})
		return
	}
	id := "conn_" + randomText()
	if err = c.keep(ctx, id, flow, token); err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	redirect(w, flow.RedirectURI, url.Values{
		"status": {"success"}, "connection_id": {id}, "integration_id": {flow.Integration}})
}

func (c *callback) keep(ctx context.Context, id string, f *flow, token *oauth2.Token) error {
	expiry := token.Expiry.Unix()
	plain, err := json.Marshal(credentials{token.AccessToken, token.TokenType, token.RefreshToken, &expiry, ""})
	if err != nil {
		return err
	}
	nonce := make([]byte, c.sealer.NonceSize())
	if _, err = rand.Read(nonce); err != nil {
		return err
	}
	scopes, err := json.Marshal(f.Scopes)
	if err != nil {
		return err
	}
	_, err = c.insert.ExecContext(ctx, id, f.Workspace, f.Integration, string(scopes), string(scopes),
		c.sealer.Seal(nonce, nonce, plain, []byte(f.Workspace+"\n"+id)))
	return err
}

func redirect(w http.ResponseWriter, target string, values url.Values) {
	mark := "?"
	if strings.Contains(target, "?") {
		mark = "&"
	}
	w.Header().Set("Location", target+mark+values.Encode())
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}
