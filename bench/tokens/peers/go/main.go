// Go's libraries, which carry the same flow: each answers as the Swift program does.
//
//	peer LIBRARY           reads `encode MILLISECONDS` or `verify MILLISECONDS`, answers `COUNT NANOSECONDS`
//	peer LIBRARY length    how many characters its token has
package main

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fernet/fernet-go"
	"github.com/gorilla/securecookie"
	"gopkg.in/square/go-jose.v2"
)

type flow struct {
	IntegrationID string   `json:"integration_id"`
	AuthMethodID  string   `json:"auth_method_id"`
	WorkspaceID   string   `json:"workspace_id"`
	Scopes        []string `json:"scopes"`
	RedirectURI   string   `json:"redirect_uri"`
	CodeVerifier  string   `json:"code_verifier"`
	IssuedAt      int64    `json:"issued_at"`
	ExpiresAt     int64    `json:"expires_at"`
}

type library struct {
	seal func(flow) (string, error)
	open func(string) (flow, error)
}

func key() []byte {
	octets := make([]byte, 64)
	for index := range octets {
		octets[index] = byte(index*37 + 11)
	}
	return octets
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func fernetLibrary() library {
	var own fernet.Key
	copy(own[:], key())
	keys := []*fernet.Key{&own}
	return library{
		func(values flow) (string, error) {
			text, err := json.Marshal(values)
			if err != nil {
				return "", err
			}
			token, err := fernet.EncryptAndSign(text, &own)
			return string(token), err
		},
		func(token string) (values flow, err error) {
			err = json.Unmarshal(fernet.VerifyAndDecrypt([]byte(token), 10*time.Minute, keys), &values)
			return
		},
	}
}

func securecookieLibrary() library {
	codec := securecookie.New(key()[32:], key()[:32])
	codec.SetSerializer(securecookie.JSONEncoder{}).MaxAge(600)
	return library{
		func(values flow) (string, error) { return codec.Encode("state", values) },
		func(token string) (values flow, err error) {
			err = codec.Decode("state", token, &values)
			return
		},
	}
}

func joseLibrary() library {
	octets := key()[:32]
	encrypter, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: octets}, nil)
	check(err)
	return library{
		func(values flow) (string, error) {
			text, err := json.Marshal(values)
			if err != nil {
				return "", err
			}
			sealed, err := encrypter.Encrypt(text)
			if err != nil {
				return "", err
			}
			return sealed.CompactSerialize()
		},
		func(token string) (values flow, err error) {
			sealed, err := jose.ParseEncrypted(token)
			if err != nil {
				return
			}
			text, err := sealed.Decrypt(octets)
			if err != nil {
				return
			}
			err = json.Unmarshal(text, &values)
			return
		},
	}
}

func carried() flow {
	text, err := os.ReadFile(os.Getenv("FLOW"))
	check(err)
	var values flow
	check(json.Unmarshal(text, &values))
	return values
}

func main() {
	made, known := map[string]func() library{
		"fernet": fernetLibrary, "securecookie": securecookieLibrary, "jose": joseLibrary,
	}[os.Args[1]]
	if !known {
		check(fmt.Errorf("no library %s", os.Args[1]))
	}
	library, values := made(), carried()
	encode := func() string {
		octets := make([]byte, 32)
		_, err := rand.Read(octets)
		check(err)
		now := time.Now().Unix()
		values.CodeVerifier = base64.RawURLEncoding.EncodeToString(octets)
		values.IssuedAt, values.ExpiresAt = now, now+600
		digest := sha256.Sum256([]byte(values.CodeVerifier))
		base64.RawURLEncoding.EncodeToString(digest[:])
		token, err := library.seal(values)
		check(err)
		return token
	}
	token := encode()
	verify := func() {
		opened, err := library.open(token)
		check(err)
		if opened.IntegrationID != values.IntegrationID || opened.ExpiresAt < time.Now().Unix() {
			check(fmt.Errorf("something else was opened"))
		}
	}
	if len(os.Args) > 2 {
		fmt.Println(len(token))
		return
	}
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		var name string
		var milliseconds int64
		_, err := fmt.Sscan(input.Text(), &name, &milliseconds)
		check(err)
		start := time.Now()
		count := 0
		for time.Since(start) < time.Duration(milliseconds)*time.Millisecond {
			for turn := 0; turn < 20; turn++ {
				if name == "encode" {
					encode()
				} else {
					verify()
				}
			}
			count += 20
		}
		fmt.Println(count, time.Since(start).Nanoseconds())
	}
}
