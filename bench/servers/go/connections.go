package main

import (
	"bufio"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

const (
	listPath    = "/api/v1/connections"
	refreshPath = "/api/v1/oauth/refresh/"
	rowColumns  = `id, workspace_id, user_id, integration_id, integration_type, auth_method_id, label, tags, status,
		status_reason, scopes_requested, scopes_granted, config, account_id, account_label, binding, flow_id, revision,
		created_at_ms, updated_at_ms, expires_at_s, reauthorize_by_s, last_refreshed_at_ms`
	// Each is one transaction of an import.
	importBatch = 500
)

// A connection as the list shows it.
type connection struct {
	ID              string          `json:"id"`
	WorkspaceID     string          `json:"workspace_id"`
	UserID          *string         `json:"user_id"`
	Integration     string          `json:"integration"`
	IntegrationType string          `json:"integration_type"`
	AuthMethodID    string          `json:"auth_method_id"`
	Label           string          `json:"label"`
	Tags            json.RawMessage `json:"tags"`
	Status          string          `json:"status"`
	StatusReason    *string         `json:"status_reason"`
	ScopesRequested []string        `json:"scopes_requested"`
	ScopesGranted   []string        `json:"scopes_granted"`
	ScopesMissing   []string        `json:"scopes_missing"`
	Config          json.RawMessage `json:"config"`
	Account         *account        `json:"account"`
	Binding         string          `json:"binding"`
	FlowID          string          `json:"flow_id"`
	Revision        int64           `json:"revision"`
	CreatedAt       string          `json:"created_at"`
	UpdatedAt       string          `json:"updated_at"`
	ExpiresAt       *string         `json:"expires_at"`
	ReauthorizeBy   *string         `json:"reauthorize_by"`
	LastRefreshedAt *string         `json:"last_refreshed_at"`
	APIBaseURL      *string         `json:"api_base_url"`
}

type account struct {
	ID    string  `json:"id"`
	Label *string `json:"label"`
}

type refreshedConnection struct {
	Status       string `json:"status"`
	ConnectionID string `json:"connection_id"`
	ExpiresAt    string `json:"expires_at"`
}

type page struct {
	Data       []*connection `json:"data"`
	NextCursor *string       `json:"next_cursor"`
}

// A line of a file of connections.
type importedRow struct {
	Integration string            `json:"integration"`
	UserID      *string           `json:"user_id"`
	Label       string            `json:"label"`
	Tags        map[string]string `json:"tags"`
	ExternalID  string            `json:"external_id"`
	Credentials struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		Scope        string `json:"scope"`
		ExpiresAt    string `json:"expires_at"`
	} `json:"credentials"`
}

// Connections in one table: lists, changes and refreshes of them.
type connections struct {
	kind string
	// SQLite has one writer at a time: those that wait for a connection wait in turn, and for no lock.
	reads, writes *sql.DB
	list          *sql.Stmt
	change        *sql.Stmt
	lock          *sql.Stmt
	refreshed     *sql.Stmt
	key           [sha256.Size]byte
	sealer        cipher.AEAD
	client        oauth2.Config
	// A lock for each connection that was refreshed, where no row can be locked.
	locks sync.Map
}

func newConnections(kind, place string) (*connections, error) {
	c := &connections{kind: kind, key: hashOf(os.Getenv("BENCH_API_KEY"))}
	octets, mark, locking := "BLOB", "?", ""
	var err error
	if kind == "sqlite" {
		source := "file:" + place + "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000"
		if c.writes, err = sql.Open("sqlite3", source+"&_txlock=immediate"); err != nil {
			return nil, err
		}
		c.writes.SetMaxOpenConns(1)
		if c.reads, err = sql.Open("sqlite3", source); err != nil {
			return nil, err
		}
		c.reads.SetMaxOpenConns(4)
		c.reads.SetMaxIdleConns(4)
	} else {
		octets, mark, locking = "bytea", "$", " FOR UPDATE"
		if c.writes, err = sql.Open("postgres", place); err != nil {
			return nil, err
		}
		c.writes.SetMaxOpenConns(16)
		c.writes.SetMaxIdleConns(16)
		c.reads = c.writes
	}
	_, err = c.writes.Exec(`CREATE TABLE bench_list (
		id text PRIMARY KEY NOT NULL, workspace_id text NOT NULL, user_id text, integration_id text NOT NULL,
		integration_type text NOT NULL, auth_method_id text NOT NULL, label text NOT NULL, tags text NOT NULL,
		status text NOT NULL, status_reason text, scopes_requested text NOT NULL, scopes_granted text NOT NULL,
		config text NOT NULL, account_id text, account_label text, binding text NOT NULL, flow_id ` + octets + ` NOT NULL,
		revision bigint NOT NULL, created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, expires_at_s bigint,
		reauthorize_by_s bigint, last_refreshed_at_ms bigint, sealed ` + octets + ` NOT NULL)`)
	if err == nil {
		_, err = c.writes.Exec("CREATE INDEX bench_list_by_creation ON bench_list (workspace_id, created_at_ms DESC, id DESC)")
	}
	if err != nil {
		return nil, err
	}
	number := func(text string) string { return strings.ReplaceAll(text, "?", mark) }
	prepare := func(database *sql.DB, text string) (statement *sql.Stmt) {
		if err == nil {
			statement, err = database.Prepare(number(text))
		}
		return
	}
	c.list = prepare(c.reads, "SELECT "+rowColumns+
		" FROM bench_list WHERE workspace_id = ?1 ORDER BY created_at_ms DESC, id DESC LIMIT ?2 OFFSET ?3")
	c.change = prepare(c.writes, "UPDATE bench_list SET label = ?1, revision = revision + 1, updated_at_ms = ?2"+
		" WHERE id = ?3 AND workspace_id = ?4 RETURNING "+rowColumns)
	c.lock = prepare(c.reads, "SELECT sealed FROM bench_list WHERE id = ?1 AND workspace_id = ?2"+locking)
	c.refreshed = prepare(c.writes, `UPDATE bench_list SET sealed = ?1, expires_at_s = ?2, last_refreshed_at_ms = ?3,
		updated_at_ms = ?3, revision = revision + 1 WHERE id = ?4`)
	if err != nil {
		return nil, err
	}
	c.sealer, err = newSealer()
	return c, err
}

func (c *connections) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hashOf(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) != c.key {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, listPath), "/")
	switch {
	case r.Method == http.MethodGet && id == "":
		c.serveList(w, r)
	case r.Method == http.MethodPatch && id != "":
		c.serveChange(w, r, id)
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, refreshPath):
		c.serveRefresh(w, r, strings.TrimPrefix(r.URL.Path, refreshPath))
	default:
		http.NotFound(w, r)
	}
}

func (c *connections) serveList(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		http.Error(w, "limit", http.StatusUnprocessableEntity)
		return
	}
	skip := 0
	if text := query.Get("skip"); text != "" {
		if skip, err = strconv.Atoi(text); err != nil || skip < 0 {
			http.Error(w, "skip", http.StatusUnprocessableEntity)
			return
		}
	}
	// One more says whether there is a next page.
	rows, err := c.list.QueryContext(r.Context(), workspace, limit+1, skip)
	if err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	defer rows.Close()
	answer := page{Data: make([]*connection, 0, limit+1)}
	created := make([]int64, 0, limit+1)
	for rows.Next() {
		found, at, err := scanned(rows)
		if err != nil {
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
			return
		}
		answer.Data = append(answer.Data, found)
		created = append(created, at)
	}
	if rows.Err() != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	if len(answer.Data) > limit {
		answer.Data = answer.Data[:limit]
		cursor := base64.RawURLEncoding.EncodeToString(
			[]byte(fmt.Sprintf("%d %s", created[limit-1], answer.Data[limit-1].ID)))
		answer.NextCursor = &cursor
	}
	write(w, answer)
}

func (c *connections) serveChange(w http.ResponseWriter, r *http.Request, id string) {
	var asked struct {
		Label string `json:"label"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10)).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	// One statement is a transaction of its own, and on the disk when it returns.
	row := c.change.QueryRowContext(r.Context(), asked.Label, time.Now().UnixMilli(), id, workspace)
	found, _, err := scanned(row)
	if err == sql.ErrNoRows {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	write(w, found)
}

// The row is locked while the provider is asked, so that no other process sends its refresh token; with SQLite, which is one
// process's, a lock of its own does.
func (c *connections) serveRefresh(w http.ResponseWriter, r *http.Request, id string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	expiry, err := c.refresh(ctx, id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	write(w, refreshedConnection{"active", id, expiry.UTC().Format(time.RFC3339)})
}

func (c *connections) refresh(ctx context.Context, id string) (time.Time, error) {
	lock, update := c.lock, c.refreshed
	commit := func() error { return nil }
	if c.kind == "sqlite" {
		held, _ := c.locks.LoadOrStore(id, new(sync.Mutex))
		held.(*sync.Mutex).Lock()
		defer held.(*sync.Mutex).Unlock()
	} else {
		transaction, err := c.writes.BeginTx(ctx, nil)
		if err != nil {
			return time.Time{}, err
		}
		defer transaction.Rollback()
		lock, update = transaction.StmtContext(ctx, lock), transaction.StmtContext(ctx, update)
		commit = transaction.Commit
	}
	var sealed []byte
	if err := lock.QueryRowContext(ctx, id, workspace).Scan(&sealed); err != nil {
		return time.Time{}, err
	}
	held, err := c.opened(id, sealed)
	if err != nil {
		return time.Time{}, err
	}
	token, err := c.client.TokenSource(ctx, &oauth2.Token{RefreshToken: held.RefreshToken}).Token()
	if err != nil {
		return time.Time{}, err
	}
	expiry := token.Expiry.Unix()
	octets, err := c.sealed(id, &credentials{token.AccessToken, token.TokenType, token.RefreshToken, &expiry, held.Scope})
	if err != nil {
		return time.Time{}, err
	}
	if _, err = update.ExecContext(ctx, octets, expiry, time.Now().UnixMilli(), id); err != nil {
		return time.Time{}, err
	}
	return token.Expiry, commit()
}

func (c *connections) opened(id string, sealed []byte) (*credentials, error) {
	size := c.sealer.NonceSize()
	if len(sealed) < size {
		return nil, fmt.Errorf("unreadable")
	}
	plain, err := c.sealer.Open(nil, sealed[:size], sealed[size:], []byte(workspace+"\n"+id))
	if err != nil {
		return nil, err
	}
	var held credentials
	return &held, json.Unmarshal(plain, &held)
}

func (c *connections) sealed(id string, held *credentials) ([]byte, error) {
	plain, err := json.Marshal(held)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, c.sealer.NonceSize(), c.sealer.NonceSize()+len(plain)+c.sealer.Overhead())
	if _, err = rand.Read(nonce); err != nil {
		return nil, err
	}
	return c.sealer.Seal(nonce, nonce, plain, []byte(workspace+"\n"+id)), nil
}

// read imports a file of one connection a line, in transactions of importBatch rows.
func (c *connections) read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for {
		count, err := c.readBatch(lines)
		if err != nil || count < importBatch {
			return err
		}
	}
}

func (c *connections) readBatch(lines *bufio.Scanner) (int, error) {
	transaction, err := c.writes.Begin()
	if err != nil {
		return 0, err
	}
	defer transaction.Rollback()
	mark := "?"
	if c.kind != "sqlite" {
		mark = "$"
	}
	insert, err := transaction.Prepare(strings.ReplaceAll("INSERT INTO bench_list ("+rowColumns+`, sealed) VALUES
		(?1, ?2, ?3, ?4, 'connectors', 'oauth2', ?5, ?6, 'active', NULL, ?7, ?7, '{}', NULL, NULL, 'imported', ?8, 1,
		?9, ?9, ?10, NULL, NULL, ?11) ON CONFLICT DO NOTHING`, "?", mark))
	if err != nil {
		return 0, err
	}
	count := 0
	for count < importBatch && lines.Scan() {
		if err = c.insert(insert, lines.Bytes()); err != nil {
			return 0, err
		}
		count++
	}
	if lines.Err() != nil {
		return 0, lines.Err()
	}
	return count, transaction.Commit()
}

func (c *connections) insert(statement *sql.Stmt, line []byte) error {
	var row importedRow
	if err := json.Unmarshal(line, &row); err != nil {
		return err
	}
	expiry, err := time.Parse(time.RFC3339, row.Credentials.ExpiresAt)
	if err != nil {
		return err
	}
	seconds := expiry.Unix()
	// The same id each time that a file is read.
	named := sha256.Sum256([]byte(workspace + "\n" + row.ExternalID))
	id := "conn_" + base64.RawURLEncoding.EncodeToString(named[:16])
	octets, err := c.sealed(id, &credentials{
		row.Credentials.AccessToken, "Bearer", row.Credentials.RefreshToken, &seconds, row.Credentials.Scope})
	if err != nil {
		return err
	}
	scopes, err := json.Marshal(strings.Fields(row.Credentials.Scope))
	if err != nil {
		return err
	}
	tags, err := json.Marshal(row.Tags)
	if err != nil {
		return err
	}
	flow := sha256.Sum256(line)
	_, err = statement.Exec(id, workspace, row.UserID, row.Integration, row.Label, string(tags), string(scopes), flow[:16],
		time.Now().UnixMilli(), seconds, octets)
	return err
}

type scanner interface{ Scan(...any) error }

// scanned reads rowColumns, and says when the connection was made.
func scanned(row scanner) (*connection, int64, error) {
	found := &connection{ScopesRequested: []string{}, ScopesGranted: []string{}}
	var requested, granted, tags, config, flow sql.RawBytes
	var accountID, accountLabel *string
	var created, updated int64
	var expires, reauthorize, refreshed *int64
	into := []any{
		&found.ID, &found.WorkspaceID, &found.UserID, &found.Integration, &found.IntegrationType, &found.AuthMethodID,
		&found.Label, &tags, &found.Status, &found.StatusReason, &requested, &granted, &config, &accountID, &accountLabel,
		&found.Binding, &flow, &found.Revision, &created, &updated, &expires, &reauthorize, &refreshed,
	}
	if _, isOne := row.(*sql.Row); isOne {
		// The row is closed by then.
		var copies [5][]byte
		for number, index := range []int{7, 10, 11, 12, 16} {
			into[index] = &copies[number]
		}
		if err := row.Scan(into...); err != nil {
			return nil, 0, err
		}
		tags, requested, granted, config, flow = copies[0], copies[1], copies[2], copies[3], copies[4]
	} else if err := row.Scan(into...); err != nil {
		return nil, 0, err
	}
	if err := json.Unmarshal(requested, &found.ScopesRequested); err != nil {
		return nil, 0, err
	}
	if err := json.Unmarshal(granted, &found.ScopesGranted); err != nil {
		return nil, 0, err
	}
	found.ScopesMissing = missing(found.ScopesRequested, found.ScopesGranted)
	found.Tags = append(json.RawMessage(nil), tags...)
	found.Config = append(json.RawMessage(nil), config...)
	if accountID != nil {
		found.Account = &account{*accountID, accountLabel}
	}
	found.FlowID = base64.RawURLEncoding.EncodeToString(flow)
	found.CreatedAt = text(created / 1000)
	found.UpdatedAt = text(updated / 1000)
	found.ExpiresAt = textOrNull(expires, 1)
	found.ReauthorizeBy = textOrNull(reauthorize, 1)
	found.LastRefreshedAt = textOrNull(refreshed, 1000)
	if found.Status == "active" && expires != nil && *expires <= time.Now().Unix() {
		found.Status = "expired"
	}
	return found, created, nil
}

func text(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }

func textOrNull(value *int64, unit int64) *string {
	if value == nil {
		return nil
	}
	written := text(*value / unit)
	return &written
}

func write(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(answer)
}
