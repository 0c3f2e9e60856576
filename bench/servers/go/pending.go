package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"
	"github.com/gorilla/securecookie"
	"github.com/lib/pq"
)

const lifetime = 600 * time.Second

// Where flows wait for their callback; keep returns the state parameter.
type pendingFlows interface {
	keep(context.Context, *flow) (string, error)
}

func newPendingFlows(arguments []string) (pendingFlows, error) {
	switch {
	case arguments[0] == "securecookie":
		return newSealedFlows(), nil
	case arguments[0] == "redis" && len(arguments) == 2:
		return newRedisFlows(arguments[1]), nil
	case arguments[0] == "postgresql" && len(arguments) == 2:
		return newPostgreSQLFlows(arguments[1])
	}
	return nil, fmt.Errorf("no place for pending flows: %v", arguments)
}

// In the state itself, sealed by securecookie: AES-256-CTR and HMAC-SHA-256.
type sealedFlows struct{ codec *securecookie.SecureCookie }

func newSealedFlows() sealedFlows {
	material := make([]byte, 96)
	if _, err := rand.Read(material); err != nil {
		panic(err)
	}
	codec := securecookie.New(material[:64], material[64:])
	codec.SetSerializer(securecookie.JSONEncoder{})
	codec.MaxAge(int(lifetime.Seconds()))
	return sealedFlows{codec}
}

func (s sealedFlows) keep(_ context.Context, f *flow) (string, error) {
	return s.codec.Encode("state", f)
}

// In Redis, each under its state, which expires.
type redisFlows struct{ pool *redis.Pool }

func newRedisFlows(address string) redisFlows {
	return redisFlows{&redis.Pool{
		MaxIdle: 64, MaxActive: 64, Wait: true, IdleTimeout: 5 * time.Minute,
		Dial: func() (redis.Conn, error) { return redis.Dial("tcp", address) },
	}}
}

func (s redisFlows) keep(ctx context.Context, f *flow) (string, error) {
	value, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	connection, err := s.pool.GetContext(ctx)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	state := randomText()
	_, err = connection.Do("SET", "flow:"+state, value, "EX", int(lifetime.Seconds()))
	return state, err
}

// In PostgreSQL, a row each.
type postgreSQLFlows struct {
	database *sql.DB
	insert   *sql.Stmt
	delete   *sql.Stmt
}

func newPostgreSQLFlows(url string) (postgreSQLFlows, error) {
	database, err := sql.Open("postgres", url)
	if err != nil {
		return postgreSQLFlows{}, err
	}
	// As many as there are requests at a time is more than one core of PostgreSQL can use.
	database.SetMaxOpenConns(16)
	database.SetMaxIdleConns(16)
	_, err = database.Exec(`CREATE TABLE IF NOT EXISTS flows (
		state text PRIMARY KEY, integration text NOT NULL, auth_method text NOT NULL, workspace text NOT NULL,
		scopes text[] NOT NULL, redirect_uri text, verifier text NOT NULL,
		issued_at timestamptz NOT NULL DEFAULT now(), expires_at timestamptz NOT NULL)`)
	if err != nil {
		return postgreSQLFlows{}, err
	}
	insert, err := database.Prepare(`INSERT INTO flows
		(state, integration, auth_method, workspace, scopes, redirect_uri, verifier, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`)
	if err != nil {
		return postgreSQLFlows{}, err
	}
	remove, err := database.Prepare(`DELETE FROM flows WHERE state = $1 AND expires_at > now()
		RETURNING integration, auth_method, workspace, scopes, redirect_uri, verifier`)
	return postgreSQLFlows{database, insert, remove}, err
}

// Takes the flow out, so that its state is good once.
func (s postgreSQLFlows) take(ctx context.Context, state string) (*flow, error) {
	var f flow
	err := s.delete.QueryRowContext(ctx, state).Scan(
		&f.Integration, &f.AuthMethod, &f.Workspace, pq.Array(&f.Scopes), &f.RedirectURI, &f.Verifier)
	return &f, err
}

func (s postgreSQLFlows) keep(ctx context.Context, f *flow) (string, error) {
	state := randomText()
	_, err := s.insert.ExecContext(ctx, state, f.Integration, f.AuthMethod, f.Workspace, pq.Array(f.Scopes),
		f.RedirectURI, f.Verifier, time.Now().Add(lifetime))
	return state, err
}
