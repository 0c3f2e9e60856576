package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
)

// The access token of a connection: the key's hash, one row by a prepared statement, AES-256-GCM, JSON.
type tokens struct {
	find   *sql.Stmt
	key    [32]byte
	sealer cipher.AEAD
}

type credentials struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token"`
	ExpiresAt    *int64 `json:"expires_at"`
	Scope        string `json:"scope"`
}

type tokenResponse struct {
	AccessToken   string   `json:"access_token"`
	TokenType     string   `json:"token_type"`
	ExpiresAt     *string  `json:"expires_at"`
	Scope         string   `json:"scope"`
	ScopesMissing []string `json:"scopes_missing"`
}

const (
	workspace   = "wsp_123456789"
	tokenPrefix = "/api/v1/connections/"
	tokenSuffix = "/token"
)

// The database has one table, and the row that BENCH_CONNECTION names with the token BENCH_TOKEN.
func newTokens(arguments []string) (*tokens, error) {
	driver, octets, mark := "sqlite3", "BLOB", "?"
	source := "file:" + arguments[1] + "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000"
	connections := 4
	if arguments[0] == "token-postgresql" {
		driver, octets, mark = "postgres", "bytea", "$"
		source = arguments[1]
		connections = 16
	}
	database, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(connections)
	database.SetMaxIdleConns(connections)
	marks := func(count int) []any {
		var all []any
		for number := 1; number <= count; number++ {
			all = append(all, fmt.Sprintf("%s%d", mark, number))
		}
		return all
	}
	if _, err = database.Exec(`CREATE TABLE bench_connections (
		id text PRIMARY KEY NOT NULL, workspace text NOT NULL, integration text NOT NULL, status text NOT NULL,
		scopes_requested text NOT NULL, scopes_granted text NOT NULL, sealed ` + octets + ` NOT NULL)`); err != nil {
		return nil, err
	}
	sealer, err := newSealer()
	if err != nil {
		return nil, err
	}
	id, scope := os.Getenv("BENCH_CONNECTION"), os.Getenv("BENCH_SCOPE")
	plain, err := json.Marshal(credentials{os.Getenv("BENCH_TOKEN"), "Bearer", "refresh", nil, scope})
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, sealer.NonceSize())
	if _, err = rand.Read(nonce); err != nil {
		return nil, err
	}
	scopes, err := json.Marshal(strings.Fields(scope))
	if err != nil {
		return nil, err
	}
	insert := fmt.Sprintf("INSERT INTO bench_connections VALUES (%s, %s, %s, %s, %s, %s, %s)", marks(7)...)
	_, err = database.Exec(insert, id, workspace, "gmail", "active", string(scopes), string(scopes),
		sealer.Seal(nonce, nonce, plain, []byte(workspace+"\n"+id)))
	if err != nil {
		return nil, err
	}
	find, err := database.Prepare(fmt.Sprintf(
		`SELECT status, scopes_requested, scopes_granted, sealed FROM bench_connections
		WHERE id = %s AND workspace = %s`, marks(2)...))
	return &tokens{find, hashOf(os.Getenv("BENCH_API_KEY")), sealer}, err
}

func (t *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, tokenPrefix), tokenSuffix)
	if hashOf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) != t.key {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var status string
	var requested, granted, sealed []byte
	err := t.find.QueryRowContext(r.Context(), id, workspace).Scan(&status, &requested, &granted, &sealed)
	if err == sql.ErrNoRows || err == nil && status == "inactive" {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	if err != nil || len(sealed) < t.sealer.NonceSize() {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	nonce, text := sealed[:t.sealer.NonceSize()], sealed[t.sealer.NonceSize():]
	plain, err := t.sealer.Open(nil, nonce, text, []byte(workspace+"\n"+id))
	var held credentials
	var asked, given []string
	if err != nil || json.Unmarshal(plain, &held) != nil || json.Unmarshal(requested, &asked) != nil ||
		json.Unmarshal(granted, &given) != nil {
		http.Error(w, "unreadable", http.StatusInternalServerError)
		return
	}
	response := tokenResponse{held.AccessToken, held.TokenType, nil, held.Scope, missing(asked, given)}
	if held.ExpiresAt != nil {
		text := time.Unix(*held.ExpiresAt, 0).UTC().Format(time.RFC3339)
		response.ExpiresAt = &text
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(response)
}

func missing(asked, given []string) []string {
	left := []string{}
	for _, scope := range asked {
		found := false
		for _, other := range given {
			found = found || scope == other
		}
		if !found {
			left = append(left, scope)
		}
	}
	return left
}

// newSealer makes AES-256-GCM under a random key.
func newSealer() (cipher.AEAD, error) {
	material := make([]byte, 32)
	if _, err := rand.Read(material); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(material)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
