// The C++ side of the border: an application, widgets, and what a reactor needs of Qt's loop.
#pragma once
#include <QtCore/QPointer>
#include <QtWidgets/QApplication>
#include <QtWidgets/QWidget>
#include <cstdint>
#include <memory>
#include "rust/cxx.h"

namespace untwisted_qt {

struct Callback;       // a Rust closure that Qt may call again and again
struct PostedCall;     // a Rust closure that is called once
struct VisibleWidget;  // what can be seen of one widget

// The one QApplication of the process, and the parts of its loop that a reactor drives.
class Application {
public:
    explicit Application(bool offscreen);
    ~Application();
    std::int32_t exec() const;
    void quit() const;
    // Watches a descriptor for reading, until the application is gone.
    void watch(std::int32_t descriptor, rust::Box<Callback> ready) const;
    void enable_watch(bool on) const;
    void on_timer(rust::Box<Callback> due) const;
    void arm_timer(std::int32_t milliseconds) const;  // negative: disarm
    // Calls from the loop, after the event that is being handled.
    void call_soon(rust::Box<PostedCall> call) const;
    // A loop inside the loop, as a modal dialog runs it.
    void nested(std::int32_t milliseconds) const;
    // Every visible widget of a kind that is known here, window by window, from above to below.
    rust::Vec<VisibleWidget> shown() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts;
};

// A widget that may die before this object does: its window takes it along.
class Widget {
public:
    Widget(const char* kind, QWidget* widget, bool owner = true) : kind(kind), owner(owner), widget(widget) {}
    ~Widget();
    // A second name that does not keep the widget: for a slot, which the widget itself keeps.
    std::unique_ptr<Widget> lent() const { return std::make_unique<Widget>(kind, widget, false); }
    // The window that it stands in, as a second name.
    std::unique_ptr<Widget> window() const;
    bool alive() const { return !widget.isNull(); }
    void destroy() const;
    void set_text(rust::Str text) const;
    rust::String text() const;
    void append(rust::Str text) const;
    void set_enabled(bool on) const;
    void set_progress(std::int32_t done, std::int32_t all) const;
    void add_item(rust::Str text) const;
    void clear_items() const;
    void set_item(std::int32_t row, rust::Str text) const;
    std::int32_t selected() const;
    void stack(const Widget& child) const;
    void show() const;
    void close() const;
    void resize(std::int32_t width, std::int32_t height) const;
    bool grab(rust::Str path) const;
    // As a person would: a click, text and the Return key, a row.
    void click() const;
    void enter(rust::Str text) const;
    void select(std::int32_t row) const;
    // Clicked, entered, chosen or closed, whichever this kind of widget has.
    void on_event(rust::Box<Callback> call) const;

private:
    template <class T> T* as() const;
    const char* kind;
    bool owner;
    mutable QPointer<QWidget> widget;  // destroy() forgets it at once
};

std::unique_ptr<Application> new_application(bool offscreen);
std::unique_ptr<Widget> new_widget(rust::Str kind, rust::Str text);
// From any thread: `call` is called in Qt's loop. False when there is no application (any more).
bool post(rust::Box<PostedCall> call);
rust::String platform();

}  // namespace untwisted_qt
