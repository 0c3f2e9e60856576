/// A form of a page, as far as a person can fill it in and send it.
struct HTMLForm: Sendable {
    /// An `input`, `textarea` or `select` with a name.
    struct Field: Sendable, Equatable {
        let name: String
        let type: String
        let value: String
        /// Whether it is sent: false for boxes that nobody ticked.
        let isOn: Bool
    }

    /// Something to press that sends the form; its name and value are sent only then.
    struct Button: Sendable, Equatable {
        let name: String?
        let value: String
    }

    enum Encoding: String, Sendable {
        case urlEncoded = "application/x-www-form-urlencoded"
        case multipart = "multipart/form-data"
    }

    let id: String?
    /// As written, so possibly empty or relative.
    let action: String
    /// In upper case.
    let method: String
    let encoding: Encoding
    fileprivate(set) var fields: [Field] = []
    fileprivate(set) var buttons: [Button] = []

    func has(_ field: String) -> Bool { fields.contains { $0.name == field } }

    /// The names and values to send, in the order of the page.
    ///
    /// - Parameter values: what the person typed, by field; a box is ticked by giving its value.
    func content(
        filling values: [String: String], pressing button: Button?
    ) throws(BrowserError) -> [(name: String, value: String)] {
        if let unknown = values.keys.sorted().first(where: { !has($0) }) { throw .noField(unknown) }
        let filled = fields.compactMap { field in
            values[field.name].map { (field.name, $0) } ?? (field.isOn ? (field.name, field.value) : nil)
        }
        guard let button, let name = button.name else { return filled }
        return filled + [(name, button.value)]
    }
}

extension HTMLForm {
    /// The forms of a page, in order.
    static func forms(in page: String) -> [HTMLForm] {
        var forms: [HTMLForm] = []
        var select: (name: String, options: [(value: String, chosen: Bool)])?
        for tag in HTMLTag.tags(in: page) {
            if tag.name == "form" { forms.append(HTMLForm(tag)) }
            guard !forms.isEmpty else { continue }
            switch tag.name {
            case "input": forms[forms.count - 1].add(input: tag)
            case "button": forms[forms.count - 1].add(button: tag)
            case "textarea": forms[forms.count - 1].add(textarea: tag)
            case "select": select = tag["name"].map { ($0, []) }
            case "option": select?.options.append((tag["value"] ?? tag.text, tag["selected"] != nil))
            case "/select":
                if let select { forms[forms.count - 1].add(select: select.name, select.options) }
                select = nil
            default: continue
            }
        }
        return forms
    }

    private init(_ tag: HTMLTag) {
        id = tag["id"]
        action = tag["action"] ?? ""
        method = (tag["method"] ?? "get").uppercased()
        encoding = tag["enctype"].flatMap { Encoding(rawValue: $0.lowercased()) } ?? .urlEncoded
    }

    private mutating func add(input tag: HTMLTag) {
        let type = (tag["type"] ?? "text").lowercased()
        guard tag["disabled"] == nil else { return }
        switch type {
        case "submit", "image": buttons.append(Button(name: tag["name"], value: tag["value"] ?? ""))
        case "button", "reset", "file": return
        case "checkbox", "radio":
            add(tag, type: type, value: tag["value"] ?? "on", isOn: tag["checked"] != nil)
        default: add(tag, type: type, value: tag["value"] ?? "", isOn: true)
        }
    }

    private mutating func add(button tag: HTMLTag) {
        guard tag["disabled"] == nil, (tag["type"] ?? "submit").lowercased() == "submit" else { return }
        buttons.append(Button(name: tag["name"], value: tag["value"] ?? ""))
    }

    private mutating func add(textarea tag: HTMLTag) {
        guard tag["disabled"] == nil else { return }
        add(tag, type: "textarea", value: tag.text, isOn: true)
    }

    private mutating func add(select name: String, _ options: [(value: String, chosen: Bool)]) {
        let option = options.first(where: \.chosen) ?? options.first
        fields.append(Field(name: name, type: "select", value: option?.value ?? "", isOn: option != nil))
    }

    private mutating func add(_ tag: HTMLTag, type: String, value: String, isOn: Bool) {
        guard let name = tag["name"], !name.isEmpty else { return }
        fields.append(Field(name: name, type: type, value: value, isOn: isOn))
    }
}
